"""How long things take, from the parameters: the judge's own version of the bundling formula."""

from collections import defaultdict
from collections.abc import Iterable

from optimizer.check.case import Case, Visit, option_for
from optimizer.model import Channel, FollowUp, Parameters

PERCENT = 100


def seconds_by_person(items: Iterable[FollowUp], channel: Channel, parameters: Parameters) -> list[int]:
    """Seconds of each resident: the longest item in full, a share of the others; no channel, no time."""
    items_of: dict[str, list[int]] = defaultdict(list)
    for item in items:
        option = option_for(item, channel)
        if option is not None:
            items_of[item.resident].append(option.seconds)
    return [_first_in_full(seconds, parameters.person_extra_percent) for seconds in items_of.values()]


def home_seconds(items: Iterable[FollowUp], parameters: Parameters) -> int:
    """Seconds of a home stop with set-up; 0 when none of the items can be done at home."""
    persons = seconds_by_person(items, Channel.HOME, parameters)
    if not persons:
        return 0
    return parameters.setup_seconds + _first_in_full(persons, parameters.household_extra_percent)


def patrol_seconds(items: Iterable[FollowUp], parameters: Parameters) -> int:
    """Person-seconds that the items take at a session."""
    return sum(seconds_by_person(items, Channel.PATROL, parameters))


def required_seconds(case: Case, visit: Visit) -> int:
    """Seconds that a stop takes by the rules; 0 for an unknown session."""
    if not visit.is_session:
        return home_seconds(visit.items, case.parameters)
    return visit.session.duration_seconds if visit.session is not None else 0


def _first_in_full(seconds: list[int], percent: int) -> int:
    ordered = sorted(seconds, reverse=True)
    return ordered[0] + sum(ordered[1:]) * percent // PERCENT
