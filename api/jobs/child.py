"""The process of one solve: `python -m api.jobs.child`. An order comes in on stdin, lines of JSON go out on stdout.

A cancel line or a closed stdin stops the search and the best plan is still handed in; so the parent's death ends it.
The environment, the database and the network are not read.
"""

import contextlib
import dataclasses
import json
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, BinaryIO

from api.jobs.messages import LOADING, STARTING, Found, Look, Message, Order, Refused, Solved
from api.jobs.refusals import REASONS
from optimizer.gap import percent_above

if TYPE_CHECKING:
    from optimizer.plan import Result
    from optimizer.solve import Progress, SolveParams

TICK_SECONDS = 0.1
"""A look is told this often, also when the search itself is silent."""
ORPHAN_SECONDS = 3.0
"""How long the search may take to end once nobody listens any more."""
ORPHANED, OVERDUE = 3, 4
NICENESS = 5
"""Whoever answers requests on the same machine goes first."""


def main() -> int:
    """Solve the order of stdin."""
    answers = _take_stdout()
    order = read_order(sys.stdin.buffer)
    with contextlib.suppress(OSError, AttributeError):  # not every system has it
        os.nice(NICENESS)
    limit_memory(order.memory_bytes)
    line = Line(answers)
    _later(order.deadline_seconds, OVERDUE)
    threading.Thread(target=_listen, args=(sys.stdin.buffer, line), daemon=True).start()
    threading.Thread(target=_tick, args=(line,), daemon=True).start()
    line.tell(_outcome(order, line))
    return 0


class Line:
    """The way out: one message at a time, the latest look, and whether somebody asked to stop."""

    def __init__(self, answers: BinaryIO) -> None:
        self.cancelled = threading.Event()
        self._answers = answers
        self._lock = threading.Lock()
        self._look = Look(STARTING)
        self._best: int | None = None
        self._bound: int | None = None
        self._started = time.monotonic()
        self._is_ended = False

    def tell(self, message: Message) -> None:
        """Send a message; nothing is sent after the last one. A parent that is gone ends the process."""
        with self._lock:
            if self._is_ended:
                return
            self._is_ended = isinstance(message, Solved | Refused)
            try:
                self._answers.write(message.as_line())
                self._answers.flush()
            except BrokenPipeError:
                os._exit(ORPHANED)

    def enter(self, phase: str) -> None:
        """Note the beginning of a phase that tells nothing itself."""
        self._look = Look(phase, 0.0, self._look.cost, self._look.unplanned, self._look.gap)

    def on_progress(self, progress: "Progress") -> None:
        """Note one look at the search; the ticker tells it. What a search counts is no longer told beside a plan."""
        cost, unplanned = self._look.cost, self._look.unplanned
        if self._best is None:
            cost = progress.cost if progress.cost is not None else cost
            unplanned = progress.unplanned if progress.unplanned is not None else unplanned
        self._bound = progress.bound or self._bound
        self._look = Look(progress.phase, min(1.0, progress.share), cost, unplanned, self._gap())

    def _gap(self) -> float | None:
        """Percent by which the best plan told may be above the best possible; None before both are known."""
        return round(percent_above(self._bound, self._best), 1) if self._best and self._bound else None

    def on_plan(self, result: "Result") -> None:
        """Tell a plan found on the way."""
        found = found_of(result)
        self.note(found, result.bound)
        self.tell(found)

    def note(self, found: Found, bound: int | None) -> None:
        """Note a judged plan, and what is proven about the best possible cost."""
        self._bound = bound or self._bound
        if found.is_feasible and (self._best is None or found.cost <= self._best):
            self._best = found.cost
            self._look = dataclasses.replace(self._look, cost=found.cost, unplanned=found.unplanned)
        elif self._best is None:
            self._look = dataclasses.replace(self._look, unplanned=found.unplanned)
        self._look = dataclasses.replace(self._look, gap=self._gap())

    def tick(self) -> None:
        """Tell the latest look."""
        self.tell(dataclasses.replace(self._look, elapsed_seconds=round(time.monotonic() - self._started, 2)))


def read_order(stream: BinaryIO) -> Order:
    """The order on a stream. Raises ValueError or KeyError on anything else."""
    head = json.loads(stream.readline())
    if head.pop("kind") != "order":
        raise ValueError("the first line has to be an order")
    document = stream.read(head["document"])
    return Order(**{**head, "document": document.decode()})


def limit_memory(memory_bytes: int | None) -> None:
    """Limit the address space of this process, where the system can."""
    if memory_bytes is None:
        return
    try:
        import resource  # here, because not every system has it
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def found_of(result: "Result") -> Found:
    """A result's plan as a message."""
    from optimizer.documents import plan_to_json
    from optimizer.plan import Status

    document = plan_to_json(result.plan)
    return Found(document, result.cost.total, result.status is Status.FEASIBLE, len(result.plan.unplanned))


def solve_params(params: dict[str, Any]) -> "SolveParams":
    """The solver's parameters from plain fields. Raises TypeError or ValueError when they do not fit."""
    from optimizer.roster import Method
    from optimizer.solve import SolveParams

    method = {"method": Method(params["method"])} if "method" in params else {}
    return SolveParams(**{"prove": True, **params, **method})


def faults_in_words(faults: tuple[Any, ...]) -> tuple[dict[str, str], ...]:
    """Faults of an input without the values found, which may be anything."""
    return tuple(
        {"code": fault.code, "where": fault.where, "advice_zh": fault.advice_zh, "advice_en": fault.advice_en}
        for fault in faults
    )


def _outcome(order: Order, line: Line) -> Solved | Refused:
    """The answer to an order: a result, or why there is none."""
    line.enter(LOADING)
    try:
        from optimizer.documents import problem_from_json, result_to_json  # here: loading the solver takes seconds
        from optimizer.errors import DocumentFaults, ProblemFaults
        from optimizer.solve import solve, warm
    except MemoryError:
        return _refused("OUT_OF_MEMORY")
    try:
        params = solve_params(order.params)
    except (TypeError, ValueError):
        return _refused("PARAMETERS")
    try:
        problem = problem_from_json(order.document)
        warm()  # now, or it would be taken from the seconds of the search and from whoever cancels
        line.enter("roster")
        result = solve(problem, params, line, line.cancelled.is_set, line.on_plan)
        found = found_of(result)
        line.note(found, result.bound)
        line.tick()
        return Solved(found, result_to_json(result), line.cancelled.is_set())
    except (DocumentFaults, ProblemFaults) as error:
        return _refused("INPUT_FAULTS", faults_in_words(error.faults))
    except MemoryError:
        return _refused("OUT_OF_MEMORY")


def _refused(code: str, faults: tuple[dict[str, str], ...] = ()) -> Refused:
    reason = REASONS[code]
    return Refused(code, reason.message_zh, reason.message_en, faults)


def _take_stdout() -> BinaryIO:
    """The real stdout for our lines alone; whatever else is printed goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _listen(stream: BinaryIO, line: Line) -> None:
    """Wait for a cancel line, or for the parent to close the pipe or die."""
    while text := stream.readline():
        if b'"cancel"' in text:
            line.cancelled.set()
    line.cancelled.set()
    _later(ORPHAN_SECONDS, ORPHANED)


def _later(seconds: float, code: int) -> None:
    """End this process after so many seconds, whatever it does then."""
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()


def _tick(line: Line) -> None:
    """Tell the latest look for ever."""
    while True:
        line.tick()
        time.sleep(TICK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
