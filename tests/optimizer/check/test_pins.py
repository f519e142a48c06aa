"""A pinned decision is kept, part by part: holds, broken, repaired."""

from typing import Any

import pytest

from optimizer.check import check
from optimizer.model import Channel, Pin
from optimizer.plan import Plan
from tests.builders import a_plan, a_problem, clock
from tests.optimizer.check.trials import Trial, Week, left


def pinned(target: str, **parts: Any) -> Week:
    """The hand-made plan under one pin."""
    return a_problem(pins=(Pin(target, **parts),)), a_plan()


TRIALS = [
    ("home1", {"day": 0}, {"day": 1}, "follow-up home1: expected day 1, found day 0"),
    ("home1", {"members": ("nurse1",)}, {"members": ("gp1", "gp2")}, "expected gp1, gp2, found gp1, nurse1"),
    ("home1", {"start_seconds": clock(12, 30)}, {"start_seconds": clock(12)}, "a start at 12:00, found 12:30"),
    ("patrol1", {"channel": Channel.PATROL}, {"channel": Channel.HOME}, "expected home, found patrol"),
    ("phone1", {"members": ("nurse2",), "day": 0}, {"members": ("gp2",)}, "expected gp2, found nurse2"),
    ("joint1", {"members": ("gp2", "nurse2")}, {"members": ("gp1", "gp2")}, "expected gp1, gp2"),
    ("s1", {"half_day": 0}, {"half_day": 1}, "session s1: expected half-day 1, found half-day 0"),
    ("s1", {"day": 0}, {"day": 2}, "expected day 2, found day 0"),
    ("s1", {"members": ("gp1",)}, {"members": ("gp2",)}, "expected gp2, found gp1, nurse1"),
    ("s1", {"start_seconds": clock(8, 10)}, {"start_seconds": clock(8)}, "a start at 08:00, found 08:10"),
]


@pytest.mark.parametrize(("target", "kept", "broken", "says"), TRIALS)
def test_every_part_of_a_pin_holds(target: str, kept: dict[str, Any], broken: dict[str, Any], says: str) -> None:
    Trial("PIN", pinned(target, **kept), pinned(target, **broken), pinned(target), says).judge()


def test_an_unserved_target_breaks_no_pin() -> None:
    names = [item.id for item in a_problem().follow_ups]
    plan = Plan(
        deferred=left("open1"),
        unplanned=left(*(name for name in names if name != "open1")),
        sessions_not_held=left("s1"),
    )
    pins = tuple(Pin(name, day=0) for name in (*names, "s1"))
    assert check(a_problem(pins=pins), plan).is_feasible
