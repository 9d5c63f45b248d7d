"""Proposes a mapping for a file from the names of its columns and its first rows."""
