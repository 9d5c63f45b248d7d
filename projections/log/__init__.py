"""The log: the one door to Kafka's producer and the one to its admin side."""
