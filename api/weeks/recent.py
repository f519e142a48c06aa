"""Plans and verdicts of a moment ago, kept in memory: an edit comes after an edit of the same week.

Both hang on content alone (a document's text; the very problem and plan that were judged), so nothing goes stale.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from optimizer.check import Verdict, check
from optimizer.documents import plan_from_json
from optimizer.plan import Plan
from optimizer.problem import Problem

KEPT = 16
Value = TypeVar("Value")


@dataclass(slots=True)
class Recent(Generic[Value]):
    """The values that were used last."""

    most: int = KEPT
    _known: OrderedDict[Hashable, Value] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key, made now if it is not known."""
        with self._lock:
            found = self._known.get(key)
        if found is None:
            found = make()
        self.put(key, found)
        return found

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value; the one that was used least recently goes."""
        with self._lock:
            self._known[key] = value
            self._known.move_to_end(key)
            if len(self._known) > self.most:
                self._known.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A verdict with what it is about, which lives as long, so that no other object can get its identity."""

    problem: Problem
    plan: Plan
    verdict: Verdict


_plans: Recent[Plan] = Recent()
_verdicts: Recent[_Judged] = Recent()


def plan_in(document: str) -> Plan:
    """The plan of a document; not to be changed, it is shared. Raises DocumentFaults."""
    return _plans.get(document, lambda: plan_from_json(document))


def keep_plan(document: str, plan: Plan) -> None:
    """Remember the plan that a document was written from."""
    _plans.put(document, plan)


def verdict_of(problem: Problem, plan: Plan) -> Verdict:
    """What the judge says of a plan."""
    key = (id(problem), id(plan))
    return _verdicts.get(key, lambda: _Judged(problem, plan, check(problem, plan))).verdict


def keep_verdict(problem: Problem, plan: Plan, verdict: Verdict) -> None:
    """Remember what the judge has said of a plan."""
    _verdicts.put((id(problem), id(plan)), _Judged(problem, plan, verdict))
