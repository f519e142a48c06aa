"""How soon a search over 1000 visits tells of its progress, obeys a cancel, and how much memory it takes.

`python -m tests.bench cancel --size 1000 --seconds 10 --cancels 5`

Targets: progress at least five times a second from the start on, a cancel obeyed in half a second, below 500 MB.
"""

import argparse
import itertools
import threading
import time
from dataclasses import dataclass, field

from optimizer.routing import search, warm
from optimizer.stop import Budget, never
from tests.bench.apart import work_apart
from tests.bench.weeks.ours import input_of
from tests.bench.weeks.recipe import TEAMS, make_week

MOST_PROGRESS_SECONDS, MOST_CANCEL_SECONDS, MOST_MEGABYTES = 0.2, 0.5, 500.0


@dataclass(frozen=True, slots=True)
class Task:
    """What to measure."""

    size: int
    seconds: float
    cancels: int


@dataclass(frozen=True, slots=True)
class Seconds:
    """Longest silence of a run and when it began, mean time between looks, and from every cancel to the answer."""

    silence: float
    silent_from: float
    between_looks: float
    cancels: tuple[float, ...]


@dataclass(slots=True)
class Looks:
    """An observer that notes when it is told."""

    times: list[float] = field(default_factory=list)

    def __call__(self, share: float, cost: int | None = None) -> None:
        self.times.append(time.perf_counter())

    def longest_silence(self) -> tuple[float, float]:
        """Most seconds between two notes, and when they began after the first note."""
        gaps = [(after - before, before - self.times[0]) for before, after in itertools.pairwise(self.times)]
        return max(gaps, default=(0.0, 0.0))

    def mean_seconds(self) -> float:
        """Mean seconds between two notes."""
        return (self.times[-1] - self.times[0]) / max(1, len(self.times) - 1)


def main(argv: list[str]) -> int:
    """Measure in a fresh process; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench cancel", description=__doc__)
    parser.add_argument("--size", type=int, choices=sorted(TEAMS), default=1000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--cancels", type=int, default=5)
    options = parser.parse_args(argv)
    found = work_apart(measure, Task(options.size, options.seconds, options.cancels))
    target = (MOST_PROGRESS_SECONDS, "s")
    lines = [
        verdict("mean time between looks", found.answer.between_looks, MOST_PROGRESS_SECONDS, "s"),
        verdict(f"longest silence ({found.answer.silent_from:.1f} s after the start)", found.answer.silence, *target),
        *(verdict("from cancel to answer", one, MOST_CANCEL_SECONDS, "s") for one in found.answer.cancels),
        verdict("peak memory", found.peak_mb, MOST_MEGABYTES, "MB"),
    ]
    print("\n".join(lines))
    return int(any("FALLS SHORT" in line for line in lines))


def verdict(name: str, value: float, most: float, unit: str) -> str:
    """One figure against its target."""
    return f"{name}: {value:.3f} {unit}, target at most {most:g} {unit}: {'ok' if value <= most else 'FALLS SHORT'}"


def measure(task: Task) -> Seconds:
    """One run to its end, then runs that are cancelled at different shares of it."""
    warm()
    looks, _ = run(task, None)
    cancels = [run(task, task.seconds * (number + 0.5) / task.cancels / 2)[1] for number in range(task.cancels)]
    return Seconds(*looks.longest_silence(), looks.mean_seconds(), tuple(cancels))


def run(task: Task, cancel_after: float | None) -> tuple[Looks, float]:
    """The looks, from the call to the answer, and the seconds from the cancel to the answer."""
    given = input_of(make_week(task.size, 1))
    asked: list[float] = []
    timer = threading.Timer(cancel_after or 0.0, lambda: asked.append(time.perf_counter()))
    if cancel_after is not None:
        timer.start()
    looks = Looks([time.perf_counter()])
    cancelled = never if cancel_after is None else lambda: bool(asked)
    search(given, seed=1, budget=Budget(seconds=task.seconds, cancelled=cancelled), observer=looks)
    ended = time.perf_counter()
    looks.times.append(ended)
    return looks, ended - asked[0] if asked else 0.0
