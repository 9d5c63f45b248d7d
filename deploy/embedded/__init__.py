"""Kafka and ClickHouse on one machine without Docker, and the supervisor that keeps them up."""
