"""Rounds: every measurement has its turn in each of them, the service and its floor next to each other."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import httpx

from benchmarks import table
from benchmarks.ground import Ground, NotMeasured
from benchmarks.load import Load, Request
from benchmarks.processes import Worker, worker

WARM_UP_SECONDS = 1
SETTLE_SECONDS = 0.3  # requests still under way when the load ends belong to the CPU time of the round

Phase = Callable[[float], tuple[float, float]]  # seconds -> what happened per second, CPU ms for each


@dataclass
class Measured:
    """Per phase and round: how many a second, and CPU milliseconds for each."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    cpu_ms: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """What one module adds to a run: what has a turn in each round, and the lines it makes of what was measured."""

    phases: Mapping[str, Phase]
    rows: Callable[[Measured], list[table.Row]]


@dataclass(frozen=True)
class Stage:
    """What the parts of a run share."""

    place: Ground
    load: Load
    service: Worker
    bare: Worker
    stack: ExitStack

    @property
    def headers(self) -> dict[str, str]:
        """Those of the storefront."""
        return {"Authorization": f"Bearer {self.place.tenant.shop}", "Content-Type": "application/json"}

    def another(self, command: tuple[str, ...], **settings: str) -> Worker:
        """One more server, with settings of its own; it ends with the run."""
        return self.stack.enter_context(worker(command, self.place.settings, settings))

    def loaded(self, server: Worker, request: Request) -> Phase:
        """The same request again and again."""

        def measure(seconds: float) -> tuple[float, float]:
            before = server.cpu_seconds()
            answers = self.load(request, seconds)
            time.sleep(SETTLE_SECONDS)
            spent = server.cpu_seconds() - before
            if answers.refused:
                print(f"{answers.refused} requests refused, {answers.count} answered: {request.url}", flush=True)
            return answers.count / answers.seconds, spent * 1000 / answers.count

        return measure


def probe(method: str, url: str, headers: dict[str, str], status: int, content: str | None = None) -> httpx.Response:
    """One request, to see that what is measured is what it is called.

    Raises: NotMeasured
    """
    answer = httpx.request(method, url, headers=headers, content=content, timeout=10)
    if answer.status_code != status:
        raise NotMeasured(f"{method} {url} answered {answer.status_code}, not {status}: {answer.text}")
    return answer


def warm_up(phase: Phase) -> None:
    """Opens connections and prepares statements; on a busy machine some of the first requests are refused for it."""
    with suppress(NotMeasured):
        phase(WARM_UP_SECONDS)


def interleaved(
    phases: Mapping[str, Phase], seconds: float, rounds: int, before_each: Callable[[], object]
) -> Measured:
    """Warms up, then measures round after round."""
    for phase in phases.values():
        warm_up(phase)
    measured = Measured()
    for number in range(1, rounds + 1):
        before_each()
        for name, phase in phases.items():
            rate, cpu_ms = phase(seconds)
            measured.rates.setdefault(name, []).append(rate)
            measured.cpu_ms.setdefault(name, []).append(cpu_ms)
            cost = f", {cpu_ms:.3f} ms CPU each" if cpu_ms else ""
            print(f"round {number}/{rounds}  {name:<14} {rate:>8.0f}/s{cost}", flush=True)
    return measured
