"""Prometheus metrics; labels are bounded (route templates, not paths)."""

from functools import lru_cache

from prometheus_client import Counter, Gauge, Histogram
from starlette.types import Scope

from claims_api.kit.logs import route_of

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

requests = Counter("claims_http_requests_total", "Requests answered.", ["method", "route", "status"])
duration = Histogram(
    "claims_http_request_duration_seconds",
    "Seconds from the first byte in to the last byte out.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
database_refusals = Counter("claims_database_refusals_total", "Requests the database refused for now.", ["verdict"])
replays = Counter("claims_idempotent_replays_total", "Answers given again for a known idempotency key.")
ready = Gauge("claims_ready", "1 while the service takes traffic.")


def observe(scope: Scope, status: int, seconds: float) -> None:
    """Counts one answered request."""
    method = scope["method"] if scope["method"] in _METHODS else "other"
    counter, histogram = _of_route(method, route_of(scope), status)
    counter.inc()
    histogram.observe(seconds)


@lru_cache(maxsize=1024)
def _of_route(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The two series of a request, found once."""
    return requests.labels(method, route, status), duration.labels(method, route)
