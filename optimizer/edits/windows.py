"""When a stop may start: at home for everybody there, at a session so that everybody can still be seen."""

from collections.abc import Sequence

from optimizer.bundle import WHOLE_DAY, Windows, household_seconds, intersect, person_seconds, start_windows
from optimizer.calendar import day_of, half_day_bounds, half_of
from optimizer.model import Channel, FollowUp, Session, TimeWindow
from optimizer.problem import Problem


def home_windows(problem: Problem, items: Sequence[FollowUp], day: int, pinned_seconds: int | None) -> Windows:
    """When a home stop may start; whoever's windows do not go with those of the more urgent ones is passed over."""
    windows: Windows = (WHOLE_DAY,)
    if pinned_seconds is not None:
        windows = (TimeWindow(pinned_seconds, pinned_seconds),)
    for item in sorted(items, key=lambda item: item.priority):
        own = start_windows(problem, item, day)
        if not own and len(items) == 1:
            return ()
        windows = intersect(windows, own) or windows
    return windows


def is_in(windows: Windows, start_seconds: int) -> bool:
    """Whether a start lies in a window, soft ends included."""
    return any(one.start_seconds <= start_seconds <= (one.late_end_seconds or one.end_seconds) for one in windows)


def home_seconds(problem: Problem, items: Sequence[FollowUp]) -> int:
    """Seconds of a home stop with set-up; what cannot be done at home takes no time."""
    persons = [seconds for seconds in _persons(problem, items, Channel.HOME) if seconds]
    return household_seconds(persons, problem.parameters) if persons else problem.parameters.setup_seconds


def patrol_seconds(problem: Problem, items: Sequence[FollowUp]) -> int:
    """Person-seconds of these follow-ups at a session."""
    return sum(_persons(problem, items, Channel.PATROL))


def _persons(problem: Problem, items: Sequence[FollowUp], channel: Channel) -> list[int]:
    """Seconds of each resident by a channel."""
    of_resident: dict[str, list[int]] = {}
    for item in items:
        seconds = next((option.seconds for option in item.channels if option.channel is channel), None)
        if seconds is not None:
            of_resident.setdefault(item.resident, []).append(seconds)
    return [person_seconds(seconds, problem.parameters) for seconds in of_resident.values()]


def session_windows(
    problem: Problem,
    session: Session,
    items: Sequence[FollowUp],
    half_day: int,
    members: int,
    pinned_seconds: int | None,
) -> Windows:
    """When a session may start on a half-day; without regard to who comes when they leave no room at all."""
    day = day_of(half_day)
    begins, ends = half_day_bounds(problem.days[day], half_of(half_day))
    whole = TimeWindow(begins, max(begins, ends - session.duration_seconds))
    if pinned_seconds is not None:
        whole = TimeWindow(pinned_seconds, pinned_seconds)
    first, last = _bounds(problem, items, day, max(1, members), session.duration_seconds)
    first, last = max(first, whole.start_seconds), min(last, whole.end_seconds)
    return (TimeWindow(first, last),) if first <= last else (whole,)


def _bounds(problem: Problem, items: Sequence[FollowUp], day: int, members: int, duration: int) -> tuple[int, int]:
    """First and last start that leave every attendee with a time window enough of it."""
    first, last, ends = 0, WHOLE_DAY.end_seconds, dict[str, int]()
    today = problem.days[day].date
    for item in items:
        if item.deadline_seconds is not None and item.latest == today:
            last = min(last, item.deadline_seconds)
        if not item.time_windows and not item.resident_windows:
            continue
        there: Windows = item.time_windows or (WHOLE_DAY,)
        if item.resident_windows:
            dated = [one for one in item.resident_windows if one.date == today]
            there = intersect(there, tuple(TimeWindow(one.start_seconds, one.end_seconds) for one in dated))
        if there:
            ends[item.id] = max(window.end_seconds for window in there)
            first = max(first, min(window.start_seconds for window in there) - duration + 1)
            last = min(last, ends[item.id] - 1)
    for end in sorted(set(ends.values())):
        seconds = patrol_seconds(problem, [item for item in items if ends.get(item.id, end + 1) <= end])
        # A session that is over by then is not bound by the end of these windows.
        last = min(last, max(end - duration, end - -(-seconds // members)))
    return first, last
