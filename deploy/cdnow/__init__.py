"""The demo: the CDNOW purchase history, loaded and shown."""
