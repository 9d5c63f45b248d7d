"""What the platform says: events, identifiers, topics, errors. Pure: no clock, no I/O, nothing at import."""
