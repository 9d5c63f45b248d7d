"""Imports files: rows become native events by a mapping, each row's fate is kept, and a crash costs nothing."""
