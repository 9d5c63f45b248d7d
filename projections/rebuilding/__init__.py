"""Rebuilding projections beside the live ones: what there is, the tables, how far it is, and what differs."""
