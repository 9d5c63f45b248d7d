"""The command `cdp`: one module a command."""
