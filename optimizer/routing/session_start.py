"""When a held session may start so that everybody expected there can still be seen in their own time windows."""

from dataclasses import replace

from optimizer.bundle import WHOLE_DAY, Unit, Windows, start_windows, stop_seconds
from optimizer.calendar import day_of, half_day_bounds, half_of
from optimizer.duties import Duty, HeldSession
from optimizer.model import FollowUp, TimeWindow
from optimizer.plan import StopKind
from optimizer.problem import Problem


def session_windows(problem: Problem, units: tuple[Unit, ...], duty: Duty, held: HeldSession) -> Windows:
    """The window of a session's start; without regard to its attendees when they leave no room at all."""
    day, session = day_of(held.half_day), problem.sessions[held.session]
    begins, ends = half_day_bounds(problem.days[day], half_of(held.half_day))
    whole = TimeWindow(begins, max(begins, ends - session.duration_seconds))
    pin = next((pin for pin in problem.pins if pin.target == session.id), None)
    if pin is not None and pin.start_seconds is not None:
        whole = TimeWindow(pin.start_seconds, pin.start_seconds)
    if ends - session.duration_seconds < begins:
        return ()
    items = [problem.follow_ups[number] for unit in held.attendees for number in units[unit].follow_ups]
    first, last = _bounds(problem, items, day, len(duty.members), session.duration_seconds)
    first, last = max(first, whole.start_seconds), min(last, whole.end_seconds)
    return (TimeWindow(first, last),) if first <= last else (whole,)


def _bounds(problem: Problem, items: list[FollowUp], day: int, members: int, duration: int) -> tuple[int, int]:
    """First and last start that leave every attendee with a time window enough of it."""
    first, last = 0, WHOLE_DAY.end_seconds
    windows = {item.id: start_windows(problem, replace(item, deadline_seconds=None), day) for item in items}
    today = problem.days[day].date
    for item in items:
        if windows[item.id]:
            first = max(first, min(window.start_seconds for window in windows[item.id]) - duration + 1)
            last = min(last, max(window.end_seconds for window in windows[item.id]) - 1)
        if item.deadline_seconds is not None and item.latest == today:
            last = min(last, item.deadline_seconds)
    ends = {item.id: max((window.end_seconds for window in windows[item.id]), default=0) for item in items}
    for end in sorted(set(ends.values())):
        early = [item for item in items if ends[item.id] <= end]
        seconds = stop_seconds(early, StopKind.SESSION, problem.parameters)
        # A session that is over by then is not bound by the end of these windows.
        last = min(last, max(end - duration, end - -(-seconds // members)))
    return first, last
