"""The one entry: puts bundling, roster, routing and the judge together and returns a result.

Roster and routing share the budget. With iterations the same seed gives the same plan on any machine; with seconds
it is a wall-clock run. Cancelling keeps the best plan so far.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from optimizer.assemble import assemble
from optimizer.bundle import Unit, units_of
from optimizer.cost import cost_of
from optimizer.duties import Roster, Routing
from optimizer.judged import MOST_SHARE, Judging, OnPlan
from optimizer.plan import Result
from optimizer.problem import Problem
from optimizer.roster import Method, decide
from optimizer.roster.quick import warm as warm_roster
from optimizer.routing import SearchParams, route_duties
from optimizer.routing import warm as warm_routing
from optimizer.seat_prices import seat_prices
from optimizer.stop import Budget, Cancelled, never
from optimizer.week_bound import QUICK, WeekBound, week_bound

ITERATIONS_PER_NEIGHBOURHOOD = 600
"""Reproducible mode: one roster neighbourhood for so many routing iterations (the shares of the seconds mode)."""
ITERATIONS_PER_PART = 400
"""Reproducible mode: one part of the attendance for so many routing iterations."""
MOST_PARTS = 150
ATTENDANCE_SHARE, MOST_ATTENDANCE_SECONDS = 0.4, 5.0
"""What of the seconds after the roster goes to who is seen at which session; the routing gets the rest."""
LAST_PROOF_SHARE, LAST_PROOF_SECONDS = 0.25, 20.0
"""How long a solve in seconds waits for its bound at the end: a share of its seconds, and never longer than that."""


@dataclass(frozen=True, slots=True)
class SolveParams:
    """How to solve: a seed and either seconds or routing iterations. Raises ValueError on values out of range."""

    seed: int = 1
    seconds: float | None = None
    iterations: int | None = None
    workers: int = 2
    """Threads; the plan does not depend on how many cores the machine has."""
    method: Method = Method.JOINT
    roster_percent: int = 88
    """Share of the seconds that the roster may use; the routes of a township settle within two seconds."""
    prove: bool = False
    """Whether a quick lower bound of the cost is proven beside the search, in a thread of its own."""

    def __post_init__(self) -> None:
        if (self.seconds is None) == (self.iterations is None):
            raise ValueError("give either seconds or iterations")
        if not 0 < self.roster_percent < 100:
            raise ValueError(f"roster_percent must lie between 0 and 100, found {self.roster_percent}")
        if (self.seconds is not None and self.seconds < 0) or (self.iterations is not None and self.iterations < 0):
            raise ValueError("seconds and iterations must be at least 0")
        if self.workers < 1:
            raise ValueError(f"workers must be at least 1, found {self.workers}")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solve is: the phase, its share done in [0, 1], and the search's cost so far where known."""

    phase: str
    share: float
    cost: int | None = None
    """What the phase counts: an estimate, which may be below the cost of the answer. Plans told have a judged one."""
    unplanned: int | None = None
    bound: int | None = None
    """A cost that no plan can be below, once it is proven."""


class Observer(Protocol):
    """Told about progress; called from the solving thread."""

    def on_progress(self, progress: Progress) -> None:
        """One look at the search."""


def warm() -> None:
    """Compile all kernels, or load them from the cache on disk; takes a minute the first time."""
    warm_roster()
    warm_routing()


def solve(
    problem: Problem,
    params: SolveParams,
    observer: Observer | None = None,
    cancelled: Cancelled = never,
    on_plan: OnPlan | None = None,
) -> Result:
    """The best week plan found for a problem, judged by `check`; an infeasible one says why.

    A plan is judged half-way through a quick search of the roster, after every stage that improved it, between roster
    and routing, and at the end: the answer is the cheapest of them that breaks no rule, the last one of equals.
    `on_plan` is told those on the way; hearing them changes nothing. A run in seconds always judges the first one, and
    further ones only where all together take at most 3 % of the seconds: on a township of 60,000 and a free core one of
    them in 9 s, all three in 14 s.
    """
    with _proving(problem, params, cancelled) as proof:
        result = _searched(problem, params, observer, cancelled, on_plan, proof)
        return replace(result, bound=proof.at_last(params, cancelled))


def _searched(
    problem: Problem,
    params: SolveParams,
    observer: Observer | None,
    cancelled: Cancelled,
    on_plan: OnPlan | None,
    proof: "Proof",
) -> Result:
    """The result of the search, with the bound as far as it was proven when a plan was told."""
    tell_roster = Teller(observer, "roster", proof)
    tell_roster(0.0)
    units = units_of(problem)
    tell_roster(0.0)
    most_seconds = None if params.seconds is None else MOST_SHARE * params.seconds
    judging = Judging(problem, units, params.seed, cancelled, most_seconds, on_plan, lambda: proof.so_far)
    roster = decide(
        problem,
        units,
        seed=params.seed,
        budget=_roster_budget(params, cancelled),
        workers=params.workers,
        observer=tell_roster,
        method=params.method,
        on_roster=judging.on_roster,
    )
    judging.on_roster(roster)
    if cancelled() and judging.is_last(roster):  # there would be no time for other routes
        return judging.answer(roster)
    routing = _routed(problem, units, roster, params, cancelled, Teller(observer, "routing", proof))
    plan = assemble(
        problem,
        units,
        roster,
        routing,
        seed=params.seed,
        budget=_attendance_budget(params, cancelled),
        workers=params.workers,
        tell=Teller(observer, "attendance", proof).without_cost,
    )
    judging.judge(plan, roster, routing)
    return judging.answer(roster)


def _routed(
    problem: Problem,
    units: tuple[Unit, ...],
    roster: Roster,
    params: SolveParams,
    cancelled: Cancelled,
    tell: "Teller",
) -> Routing:
    """Routes in two halves of the budget: in the second, whose seat is worth more than the way is visited at home.

    A seat is worth less than its price when nobody who is left fits into it; what then costs more is not kept.
    """
    first, second = _routing_budgets(params, cancelled)
    search = SearchParams(workers=params.workers)
    routing = route_duties(problem, units, roster, seed=params.seed, budget=first, observer=tell.half(0), params=search)
    if second.iterations == 0 or cancelled():
        return routing
    prices = seat_prices(problem, units, roster, routing)
    # With these prices the search counts something else than before, so the cost that was told stays.
    last = route_duties(
        *(problem, units, roster),
        seed=params.seed,
        budget=second,
        observer=lambda share, cost=None: tell.half(1)(share, routing.search_cost),
        params=search,
        prices=prices,
        before=routing,
    )
    costs = [cost_of(problem, assemble(problem, units, roster, each)).total for each in (routing, last)]
    chosen = last if costs[1] <= costs[0] else routing
    figures = {name: value + last.statistics.get(name, 0.0) for name, value in routing.statistics.items()}
    return replace(chosen, statistics=figures | {"absent": chosen.statistics.get("absent", 0.0)})


def _roster_budget(params: SolveParams, cancelled: Cancelled) -> Budget:
    if params.iterations is not None:
        return Budget(iterations=-(-params.iterations // ITERATIONS_PER_NEIGHBOURHOOD), cancelled=cancelled)
    assert params.seconds is not None
    return Budget(seconds=params.seconds * params.roster_percent / 100, cancelled=cancelled)


def _routing_budgets(params: SolveParams, cancelled: Cancelled) -> tuple[Budget, Budget]:
    """The two halves."""
    if params.iterations is not None:
        second = params.iterations // 2
        return (
            Budget(iterations=params.iterations - second, cancelled=cancelled),
            Budget(iterations=second, cancelled=cancelled),
        )
    assert params.seconds is not None
    seconds = params.seconds * (100 - params.roster_percent) / 100
    half = Budget(seconds=(seconds - _attendance_seconds(seconds)) / 2, cancelled=cancelled)
    return half, half


def _attendance_budget(params: SolveParams, cancelled: Cancelled) -> Budget:
    if params.iterations is not None:
        return Budget(iterations=min(MOST_PARTS, -(-params.iterations // ITERATIONS_PER_PART)), cancelled=cancelled)
    assert params.seconds is not None
    seconds = params.seconds * (100 - params.roster_percent) / 100
    return Budget(seconds=_attendance_seconds(seconds), cancelled=cancelled)


def _attendance_seconds(seconds: float) -> float:
    return min(ATTENDANCE_SHARE * seconds, MOST_ATTENDANCE_SECONDS)


@dataclass(slots=True)
class Proof:
    """A bound that is proven in another thread once the search is under way, or nothing when none was asked for."""

    start: Callable[[], Future[WeekBound]] | None = None
    future: Future[WeekBound] | None = None
    is_over: bool = False

    def begin(self) -> None:
        """Begin to prove, if that was asked for and has not begun."""
        if self.future is None and self.start is not None and not self.is_over:
            self.future = self.start()

    @property
    def so_far(self) -> int | None:
        """What is proven by now."""
        return self.future.result().value if self.future is not None and self.future.done() else None

    def at_last(self, params: SolveParams, cancelled: Cancelled) -> int | None:
        """What is proven in the end: a reproducible run waits for it, a run in seconds a quarter of them at most.

        A cancelled run waits for nothing.
        """
        if not cancelled():
            self.begin()
        if self.future is None or cancelled():
            return self.so_far
        seconds = None if params.seconds is None else min(LAST_PROOF_SHARE * params.seconds, LAST_PROOF_SECONDS)
        wait([self.future], timeout=seconds)
        self.is_over = True
        return self.future.result().value


@contextmanager
def _proving(problem: Problem, params: SolveParams, cancelled: Cancelled) -> Iterator[Proof]:
    """Prove a bound while the search goes on; whatever ends the search ends the proof, which a cancel leaves behind.

    It begins with the first cost: before that both would build their models, and only one thread at a time runs Python.
    """
    proof = Proof()
    if not params.prove:
        yield proof
        return
    pool = ThreadPoolExecutor(1)
    budget = Budget(iterations=QUICK, cancelled=lambda: proof.is_over or cancelled())
    proof.start = lambda: pool.submit(week_bound, problem, budget=budget)
    try:
        yield proof
    finally:
        proof.is_over = True
        pool.shutdown(wait=not cancelled())


@dataclass(frozen=True, slots=True)
class Teller:
    """Passes a phase's share and cost on to an observer."""

    observer: Observer | None
    phase: str
    proof: Proof
    begin: float = 0.0
    length: float = 1.0

    def half(self, number: int) -> "Teller":
        """One that tells the shares of the first or the second half of the phase."""
        return replace(self, begin=number / 2, length=0.5)

    def __call__(self, share: float, cost: int | None = None, unplanned: int | None = None) -> None:
        if cost is not None:
            self.proof.begin()
        told = self.begin + self.length * share
        if self.observer is not None:
            self.observer.on_progress(Progress(self.phase, told, cost, unplanned, self.proof.so_far))

    def without_cost(self, share: float, cost: int | None = None) -> None:
        """Passes on the share alone, where the cost is not that of the whole week."""
        self(share)
