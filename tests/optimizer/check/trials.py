"""A trial of a rule: a week in which it holds, one in which it is broken, and one that was repaired."""

from dataclasses import dataclass
from typing import Any

from optimizer.check import check
from optimizer.model import FollowUp, Session
from optimizer.plan import Crew, Left, Plan
from optimizer.problem import Problem
from optimizer.rules import RULES
from tests.builders import a_problem

Week = tuple[Problem, Plan]


@dataclass(frozen=True, slots=True)
class Trial:
    """Three weeks for one rule, and what the sentence about the broken one says in English."""

    rule: str
    holds: Week
    broken: Week
    repaired: Week
    says: str
    also: frozenset[str] = frozenset()
    """Other rules that the broken week cannot help breaking."""

    def judge(self) -> None:
        """Asserts that the judge sees it so, and nothing else."""
        for week in (self.holds, self.repaired):
            assert check(*week).violations == ()
        violations = check(*self.broken).violations
        assert {violation.rule for violation in violations} == {self.rule, *self.also}
        sentences = [violation for violation in violations if violation.rule == self.rule]
        assert any(self.says in sentence.message_en for sentence in sentences), sentences
        for sentence in sentences:
            assert "expected" in sentence.message_en
            assert "应为" in sentence.message_zh
            assert sentence.where in sentence.message_en
            assert RULES[sentence.rule].is_hard


def week(*items: FollowUp, sessions: tuple[Session, ...] = (), **parts: Any) -> Problem:
    """The hand-made week with these follow-ups and sessions only."""
    return a_problem(follow_ups=items, sessions=sessions, **parts)


def outings(*crews: Crew, **parts: Any) -> Plan:
    """A plan of these crews."""
    return Plan(crews, **parts)


def left(*names: str) -> tuple[Left, ...]:
    """These, left for want of room."""
    return tuple(Left(name, ("NO_ROOM",)) for name in names)
