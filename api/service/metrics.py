"""Figures for Prometheus: requests by route template, their durations, and gauges that others hang in."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
UNMATCHED = "unmatched"
"""The label of requests that reach no route; an address is never a label."""

Gauge = Callable[[], Mapping[str, float]]
"""Gives the present values by label; raises nothing, gives nothing when it cannot tell."""


@dataclass(frozen=True, slots=True, eq=False)
class _Gauges(Collector):
    """Gauges that are read when somebody asks."""

    gauges: dict[str, tuple[str, str, Gauge]]

    def collect(self) -> Iterable[Metric]:
        """The families of the moment."""
        for name, (text, label, read) in self.gauges.items():
            family = GaugeMetricFamily(name, text, labels=[label])
            for value, figure in read().items():
                family.add_metric([value], figure)
            yield family


@dataclass(frozen=True, slots=True)
class Metrics:
    """The figures of one application, in a registry of their own."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    gauges: dict[str, tuple[str, str, Gauge]] = field(default_factory=dict)

    def note_request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self.requests.labels(method=method, route=route, status=str(status)).inc()
        self.seconds.labels(method=method, route=route).observe(seconds)

    def add_gauge(self, name: str, text: str, label: str, read: Gauge) -> None:
        """Hang in a gauge such as the jobs by state: `read` is called at every scrape."""
        self.gauges[name] = (text, label, read)

    def page(self) -> bytes:
        """All figures in Prometheus' text form."""
        return generate_latest(self.registry)


def new_metrics() -> Metrics:
    """Fresh figures, all zero."""
    registry = CollectorRegistry()
    requests = Counter("xunzhen_requests", "Answered requests.", ["method", "route", "status"], registry=registry)
    seconds = Histogram(
        "xunzhen_request_seconds",
        "Seconds from the first to the last byte.",
        ["method", "route"],
        buckets=SECONDS,
        registry=registry,
    )
    metrics = Metrics(registry, requests, seconds)
    registry.register(_Gauges(metrics.gauges))
    return metrics
