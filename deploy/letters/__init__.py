"""Dead letters of a running platform, as the command `cdp dead-letters` sees and mends them."""
