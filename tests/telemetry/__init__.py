"""OpenTelemetry and Prometheus: one span per review, and what breaks nothing."""
