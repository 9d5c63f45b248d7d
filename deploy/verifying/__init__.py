"""Proof that nothing is lost and nothing counts twice: the ledger, the facts, the log, and customers told once more."""
