"""Contracts: what the events of a source should be like beyond what every event must be."""
