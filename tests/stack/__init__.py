"""Real servers and real platforms for the tests: one Kafka and one ClickHouse a run, as many platforms as wanted."""
