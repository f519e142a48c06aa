"""Rows of stops say what the document says, also for crews that are out all day and sessions that nobody visits."""

from dataclasses import replace

from api.weeks.stops import pin_of, pin_values, stop_values
from optimizer.model import Channel, Pin
from optimizer.plan import Crew, Lunch, Plan, Stop, StopKind
from tests.api.weeks.conftest import Solved

HOUR = 3600


def test_a_crew_that_is_out_all_day_has_stops_in_both_half_days(solved: Solved) -> None:
    crew = replace(
        solved.result.plan.crews[0],
        half_days=(2, 3),
        lunch=Lunch(12 * HOUR, 13 * HOUR),
        stops=(
            Stop(StopKind.HOME, "V1", ("F1",), 9 * HOUR, 9 * HOUR, 10 * HOUR),
            Stop(StopKind.HOME, "V2", ("F2", "F3"), 14 * HOUR, 14 * HOUR, 15 * HOUR),
        ),
    )
    rows = list(stop_values(solved.prepared.problem, Plan(crews=(crew,))))
    assert [(row["follow_up"], row["half_day"], row["place"]) for row in rows] == [
        ("F1", 2, 1),
        ("F2", 3, 2),
        ("F3", 3, 2),
    ]
    assert {row["day"].isoformat() for row in rows} == {"2026-11-24"}


def test_a_session_that_nobody_is_booked_for_is_a_row_of_its_own(solved: Solved) -> None:
    crew: Crew = solved.result.plan.crews[0]
    crew = replace(crew, stops=(replace(crew.stops[0], follow_ups=()),))
    (row,) = stop_values(solved.prepared.problem, Plan(crews=(crew,)))
    assert (row["session"], row["follow_up"], row["channel"]) == ("S1", None, "patrol")


def test_a_pin_comes_back_from_its_row() -> None:
    pin = Pin("F1", Channel.HOME, 1, None, ("M1", "M2"), 3600)
    assert pin_of(pin_values(pin)) == pin
    assert pin_of(pin_values(Pin("S1", half_day=3))) == Pin("S1", half_day=3)
