"""The plans that a solve judges on its way and at its end; the cheapest of them is its answer.

On the way a roster gets the routes that the search begins with. On a township of 60,000 such a plan takes 0.13 s of the
processor, and a roster that decides jointly has three: half-way through its quick search, after it, and at its end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from optimizer.assemble import assemble
from optimizer.bundle import Unit
from optimizer.check import check
from optimizer.duties import Roster, Routing
from optimizer.plan import Plan, Result, Status
from optimizer.problem import Problem
from optimizer.routing import SearchParams, route_duties
from optimizer.stop import Budget, Cancelled, Running

MOST_SHARE = 0.03
"""Of the seconds of a solve, what plans on the way may take together; only the first one is judged in any case."""
AT_ONCE = Budget(iterations=0)
COST, ABSENT = "cost", "absent"
"""The figure of a roster and that of its routes that describe the plan."""

Figures = Mapping[str, float]
OnPlan = Callable[[Result], None]
"""Told a judged plan that could be carried out if the search ended here; called from the solving thread."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A plan with the judge's verdict, and the roster and routes that it was put together from."""

    result: Result
    roster: Roster
    routing: Routing

    @property
    def rank(self) -> tuple[int, int]:
        """Smaller is better: fewer broken rules first, then the lower cost."""
        return len(self.result.violations), self.result.cost.total


@dataclass(slots=True)
class Judging:
    """Judges plans, tells those on the way to whoever listens, and keeps the best and the last one."""

    problem: Problem
    units: tuple[Unit, ...]
    seed: int
    cancelled: Cancelled
    most_seconds: float | None
    """What plans on the way may take, of which the first is always judged; None in a reproducible run: all are."""
    on_plan: OnPlan | None
    bound: Callable[[], int | None]
    """What is proven by now."""
    best: Judged | None = None
    last: Judged | None = None
    _watch: Running = field(default_factory=AT_ONCE.start)
    _longest_seconds: float = 0.0
    _used_seconds: float = 0.0

    def on_roster(self, roster: Roster) -> None:
        """Judge and tell the plan of a roster with the first routes, unless it is known or there is no time for it."""
        if self.cancelled() or self.is_last(roster) or not self._has_time():
            return
        began = self._watch.elapsed_seconds()
        routing = route_duties(
            *(self.problem, self.units, roster), seed=self.seed, budget=AT_ONCE, params=SearchParams(workers=1)
        )
        result = self.judge(assemble(self.problem, self.units, roster, routing), roster, routing)
        seconds = self._watch.elapsed_seconds() - began
        self._used_seconds += seconds
        self._longest_seconds = max(seconds, self._longest_seconds)
        if self.on_plan is not None:
            self.on_plan(replace(result, bound=self.bound()))

    def _has_time(self) -> bool:
        if self.most_seconds is None or self.last is None:
            return True
        return self._used_seconds + self._longest_seconds <= self.most_seconds

    def is_last(self, roster: Roster) -> bool:
        """Whether the plan judged last was made of this very roster."""
        known = self.last.roster if self.last is not None else None
        return known is not None and (known.duties, known.calls) == (roster.duties, roster.calls)

    def judge(self, plan: Plan, roster: Roster, routing: Routing) -> Result:
        """A plan with its verdict; it is the best one from now on unless an earlier one is better."""
        verdict = check(self.problem, plan)
        result = Result(
            plan=plan,
            status=Status.FEASIBLE if verdict.is_feasible else Status.INFEASIBLE,
            cost=verdict.cost,
            violations=verdict.violations,
            shortages=roster.shortages,
            seed=self.seed,
        )
        self.last = Judged(result, roster, routing)
        if self.best is None or self.last.rank <= self.best.rank:
            self.best = self.last
        return result

    def answer(self, roster: Roster) -> Result:
        """The best plan judged, with the figures of the run, which ended with a roster and the plan judged last."""
        assert self.best is not None
        assert self.last is not None
        best, routing = self.best, self.last.routing
        statistics = {
            "units": float(len(self.units)),
            **_figures("roster", roster.statistics, best.roster.statistics, COST),
            **_figures("routing", routing.statistics, best.routing.statistics, ABSENT),
        }
        return replace(best.result, cancelled=self.cancelled(), statistics=statistics)


def _figures(phase: str, run: Figures, plan: Figures, of_a_plan: str) -> dict[str, float]:
    """The figures of a phase by name: the one that describes a plan is the plan's, all others say what was done."""
    kept = {name: value for name, value in run.items() if name != of_a_plan}
    kept |= {name: value for name, value in plan.items() if name == of_a_plan}
    return {f"{phase}_{name}": value for name, value in kept.items()}
