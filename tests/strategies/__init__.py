"""What hypothesis draws: small histories of a few customers, made to be as awkward as the contract allows."""
