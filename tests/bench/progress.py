"""How often a solve tells its progress, and how soon it obeys a cancel, on an overloaded township week.

`python -m tests.bench progress --people 60000 --seconds 12 --cancel-at 1,4,8,11`

The first run counts the silences between two tellings, by phase; each further run is cancelled after so many seconds
and measured until `solve` returns. Kernels are compiled beforehand.
"""

import argparse
import resource
import sys
import time
from dataclasses import dataclass, field

from optimizer.check import check
from optimizer.problem import Problem
from optimizer.solve import Progress, SolveParams, solve, warm
from tests.bench.joint import overloaded_week


@dataclass
class Listener:
    """Keeps the longest silence, in seconds, before a telling of each phase, and the number of tellings."""

    heard: float = field(default_factory=time.perf_counter)
    tellings: int = 0
    silence_seconds: dict[str, float] = field(default_factory=dict)

    def on_progress(self, progress: Progress) -> None:
        """Note the silence that this telling ends."""
        self._note(progress.phase)
        self.tellings += 1

    def end(self) -> None:
        """Note the silence between the last telling and the result."""
        self._note("end")

    def _note(self, phase: str) -> None:
        now = time.perf_counter()
        self.silence_seconds[phase] = max(self.silence_seconds.get(phase, 0.0), now - self.heard)
        self.heard = now


def main(argv: list[str]) -> int:
    """Run the bench; 1 when some plan does not pass the judge."""
    options = _options(argv)
    warm()
    problem = overloaded_week(options.seed, options.people, options.staff_percent)
    verdicts = [_listen(problem, options.seconds)]
    verdicts += [_cancel(problem, options.seconds, after) for after in options.cancel_at]
    print(f"peak_mb {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}")
    return 0 if all(verdicts) else 1


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench progress")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--people", type=int, default=60_000)
    parser.add_argument("--staff-percent", type=int, default=80)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument(
        "--cancel-at", type=lambda text: [float(part) for part in text.split(",")], default=[1, 4, 8, 11]
    )
    return parser.parse_args(argv)


def _listen(problem: Problem, seconds: float) -> bool:
    """Print the longest silences of a whole solve."""
    listener, began = Listener(), time.perf_counter()
    result = solve(problem, SolveParams(seconds=seconds), listener)
    listener.end()
    elapsed = time.perf_counter() - began
    silences = "  ".join(f"{phase} {longest:.2f}" for phase, longest in listener.silence_seconds.items())
    print(f"tellings_per_second {listener.tellings / elapsed:.1f}  longest silence, seconds: {silences}", flush=True)
    return check(problem, result.plan).is_feasible


def _cancel(problem: Problem, seconds: float, after: float) -> bool:
    """Print how long a solve went on after the cancel."""
    cancel_at = time.perf_counter() + after
    result = solve(problem, SolveParams(seconds=seconds), cancelled=lambda: time.perf_counter() >= cancel_at)
    print(f"cancel_at {after:g}  obeyed_after_seconds {time.perf_counter() - cancel_at:.2f}", flush=True)
    return check(problem, result.plan).is_feasible


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
