"""OpenTelemetry (extra `[otel]`), and Prometheus without it: how long people wait, and for what.

A review is one span, from the question to the decision, whichever processes they were in. Nothing
here can stop or delay a review.
"""

from langgraph_hitl.telemetry.instrument import Instrumentation, instrument
from langgraph_hitl.telemetry.prometheus import prometheus_text

__all__ = ["Instrumentation", "instrument", "prometheus_text"]
