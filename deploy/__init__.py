"""Puts the platform together: the embedded stack, its supervisor and the cdp command."""
