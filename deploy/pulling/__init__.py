"""Pulls orders and refunds from shop platforms that do not push them, and sends them through ingest."""
