"""What watches a platform: Prometheus' rules and an example of its configuration, Grafana's dashboard."""
