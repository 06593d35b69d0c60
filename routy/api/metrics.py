"""`/metrics` for Prometheus: what the API counts itself, and the figures of health at the moment of the scrape."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from routy.api.call import Answer, Call, Endpoint
from routy.api.routes import Outcome

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Meters:
    """The counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "routy_api_requests_total", "API requests", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "routy_api_seconds", "Time of API requests", ["route"], buckets=BUCKETS, registry=self.registry
        )
        self.gauges: dict[str, Gauge] = {}

    def observe(self, outcome: Outcome) -> None:
        method = outcome.method if outcome.method in METHODS else "other"  # anybody can send any word
        self.requests.labels(method, outcome.route, outcome.status).inc()
        self.seconds.labels(outcome.route).observe(outcome.ms / 1000)

    def text(self, inside: Mapping[str, Any]) -> bytes:
        """The exposition format, with every number inside `inside` as a gauge named by its path."""
        for name, value in _numbers("routy", inside):
            self._gauge(name).set(value)
        return generate_latest(self.registry)

    def _gauge(self, name: str) -> Gauge:
        if name not in self.gauges:
            self.gauges[name] = Gauge(name, name.replace("_", " "), registry=self.registry)
        return self.gauges[name]


def _numbers(path: str, value: Any) -> list[tuple[str, float]]:
    """`{"books": {"stored": 2}}` → `[("routy_books_stored", 2)]`."""
    if isinstance(value, Mapping):
        return [found for name, part in value.items() for found in _numbers(f"{path}_{_plain(str(name))}", part)]
    return [(path, float(value))] if isinstance(value, int | float) else []


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name)


def _metrics(call: Call) -> Answer:
    return Answer(raw=call.services.measure(), content_type=CONTENT_TYPE_LATEST)


ENDPOINTS = [
    Endpoint("GET", "/metrics", "get_metrics", "Figures for Prometheus.", _metrics,
             scope="health:read", tag="health", shape="raw", media=("text/plain",), rooted=True)
]  # fmt: skip
