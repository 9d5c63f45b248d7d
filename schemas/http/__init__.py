"""What ingest and API say alike over HTTP: problems, request ids, their description."""
