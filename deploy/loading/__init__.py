"""Sends files of events through ingest, and waits until they are in the profiles."""
