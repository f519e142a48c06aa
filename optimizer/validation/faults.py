"""All faults of the parts of a problem together; refuses to repair anything."""

from optimizer.errors import Fault
from optimizer.validation.demand import judge_follow_ups, judge_pins, judge_sessions
from optimizer.validation.parts import Parts, known_in
from optimizer.validation.resources import (
    judge_days,
    judge_members,
    judge_parameters,
    judge_sites,
    judge_teams,
    judge_travel,
    judge_vehicles,
)


def faults_of(parts: Parts) -> tuple[Fault, ...]:
    """Every fault of the parts, in the order of the problem's fields."""
    known = known_in(parts)
    return (
        *judge_days(parts),
        *judge_sites(parts, known),
        *judge_teams(parts, known),
        *judge_members(parts, known),
        *judge_vehicles(parts, known),
        *judge_follow_ups(parts, known),
        *judge_sessions(parts, known),
        *judge_travel(parts),
        *judge_parameters(parts.parameters),
        *judge_pins(parts, known),
    )
