"""The hand-made week with something wrong in it, and how one fault is judged."""

from typing import Any

import numpy as np

from optimizer.errors import Fault, ProblemFaults
from optimizer.travel import ModeTimes, TravelTimes
from optimizer.validation.spots import ADVICE
from tests.builders import (
    a_day,
    a_follow_up,
    a_member,
    a_problem,
    a_session,
    a_site,
    a_week,
    an_option,
    some_sites,
)

Planted = tuple[str, str, str, str, dict[str, Any]]
"""Code, where, words of what was found and expected, and the parts that are wrong."""


def faults(**parts: Any) -> tuple[Fault, ...]:
    """What is wrong with the hand-made week after these changes."""
    try:
        a_problem(**parts)
    except ProblemFaults as error:
        return error.faults
    return ()


def item(**overrides: Any) -> dict[str, Any]:
    """One follow-up with these fields."""
    return {"follow_ups": (a_follow_up("f1", **overrides),)}


def member(**overrides: Any) -> dict[str, Any]:
    """One member with these fields."""
    return {"members": (a_member(**overrides),)}


def session(**overrides: Any) -> dict[str, Any]:
    """One session with these fields."""
    return {"sessions": (a_session(**overrides),)}


def day(**overrides: Any) -> dict[str, Any]:
    """Monday with these fields."""
    return {"days": (a_day(**overrides), *a_week()[1:])}


def option(**overrides: Any) -> dict[str, Any]:
    """One follow-up with such a home option."""
    return item(channels=(an_option(**overrides),))


def matrix(rows: Any, metres: Any = None) -> dict[str, Any]:
    """Car times between the base and v1."""
    seconds = np.array(rows)
    times = ModeTimes(seconds, np.zeros_like(seconds) if metres is None else np.array(metres))
    sites = (some_sites()[0], a_site("v1", village=""))
    return {"sites": sites, "travel": TravelTimes({"car": times}), "follow_ups": (), "sessions": ()}


def assert_named(planted: Planted) -> None:
    """Asserts that the planted fault is found at its place, with its words and the advice for its code."""
    code, where, found, expected, parts = planted
    [fault] = [fault for fault in faults(**parts) if fault.where == where]
    assert fault.code == code
    assert found in fault.found
    assert expected in fault.expected
    assert (fault.advice_zh, fault.advice_en) == ADVICE[code]
