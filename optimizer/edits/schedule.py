"""The clock of one route: earliest starts, with lunch where it costs least; the least bad times where none will do.

A start is the earliest possible, and the crew leaves as late as its first start allows. Where a window or the end of
the day cannot be kept, the stop starts on arrival and the breach is counted, so that every route gets times.
"""

from dataclasses import dataclass

from optimizer.bundle import Windows
from optimizer.calendar import Span

NO_LUNCH = -1


@dataclass(frozen=True, slots=True)
class Step:
    """A stop as the clock sees it."""

    leg_seconds: int
    """From the place before."""
    service_seconds: int
    windows: Windows
    not_before: int = 0
    """Earliest start because somebody else is not there before."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The day of a crew: its span, its lunch and the prices of time."""

    span: Span
    lunch_earliest: int
    lunch_latest: int
    lunch_seconds: int
    late_weight: int
    overtime_weight: int
    waiting_weight: int


@dataclass(frozen=True, slots=True)
class Badness:
    """How bad a schedule is, to be compared by `key`: broken rules, by how many seconds, price of time, return."""

    breaches: int = 0
    seconds: int = 0
    price: int = 0
    back: int = 0

    @property
    def key(self) -> tuple[int, int, int, int]:
        """Smaller is better."""
        return self.breaches, self.seconds, self.price, self.back


@dataclass(frozen=True, slots=True)
class Times:
    """A schedule: arrivals and starts of the stops, when the crew leaves and is back, when it eats."""

    leave_seconds: int
    arrivals: tuple[int, ...]
    starts: tuple[int, ...]
    back_seconds: int
    lunch_start_seconds: int | None
    badness: Badness


def schedule(clock: Clock, steps: tuple[Step, ...], return_seconds: int) -> Times:
    """The best schedule over all places of lunch."""
    gaps = range(NO_LUNCH, len(steps) + 1 if clock.span.needs_lunch and clock.lunch_seconds else 0)
    best: tuple[Badness, list[int], int] | None = None
    for gap in gaps:
        badness, starts = _walk(clock, steps, return_seconds, gap)
        if best is None or badness.key < best[0].key:
            best = badness, starts, gap
    assert best is not None, "the schedule without lunch is always tried"
    badness, starts, gap = best
    return _timed(clock, steps, return_seconds, starts, gap, badness)


def _walk(clock: Clock, steps: tuple[Step, ...], return_seconds: int, gap: int) -> tuple[Badness, list[int]]:
    """Earliest starts with lunch in one gap (0: before the first stop), and how bad that is."""
    end, breaches, over, late, waiting = clock.span.start_seconds, 0, 0, 0, 0
    starts: list[int] = []
    for place, step in enumerate(steps):
        arrival, lunch = end + step.leg_seconds, 0
        if place == gap:
            lunch, arrival = clock.lunch_seconds, max(arrival, clock.lunch_earliest) + clock.lunch_seconds
            breaches, over = _late_lunch(clock, end, breaches, over)
        ready = max(arrival, step.not_before)
        start, late_by = _start_in(step, ready, clock.span.hard_end_seconds)
        if start is None:
            start = ready
            breaches, over = breaches + 1, over + _distance(step, ready)
        late += late_by
        left = _leaving(clock, start, step.leg_seconds, lunch) if place == 0 else end
        waiting += start - step.leg_seconds - lunch - left
        starts.append(start)
        end = start + step.service_seconds
    back = end + return_seconds
    if gap == len(steps):
        breaches, over = _late_lunch(clock, end, breaches, over)
        back = max(back, clock.lunch_earliest) + clock.lunch_seconds
    home_by = clock.span.hard_end_seconds
    if gap == NO_LUNCH and clock.span.needs_lunch and clock.lunch_seconds and back > clock.lunch_latest:
        breaches, over = breaches + 1, over + min(clock.lunch_seconds, back - clock.lunch_latest)
    if back > home_by:
        breaches, over = breaches + 1, over + back - home_by
    overtime = max(0, back - clock.span.end_seconds)
    price = clock.late_weight * late + clock.waiting_weight * waiting + clock.overtime_weight * overtime
    return Badness(breaches, over, price, back), starts


def _late_lunch(clock: Clock, end: int, breaches: int, over: int) -> tuple[int, int]:
    """Breaches and seconds with those of a lunch that begins when a stop ends."""
    return (breaches, over) if end <= clock.lunch_latest else (breaches + 1, over + end - clock.lunch_latest)


def _start_in(step: Step, ready: int, hard_end: int) -> tuple[int | None, int]:
    """The first start in a window that is of any use today, and its seconds after the soft end; None without one."""
    for window in step.windows:
        start = max(ready, window.start_seconds)
        if ready <= (window.late_end_seconds or window.end_seconds) and start + step.service_seconds <= hard_end:
            return start, _lateness(step, start)
    return None, 0


def _lateness(step: Step, start: int) -> int:
    """Seconds after the end of the window that suits a start best."""
    return min(
        max(0, start - window.end_seconds)
        for window in step.windows
        if window.start_seconds <= start <= (window.late_end_seconds or window.end_seconds)
    )


def _distance(step: Step, start: int) -> int:
    """Seconds to the nearest window; 0 without windows."""
    apart = [
        max(window.start_seconds - start, start - (window.late_end_seconds or window.end_seconds))
        for window in step.windows
    ]
    return max(0, min(apart, default=0))


def _leaving(clock: Clock, start: int, leg: int, lunch: int) -> int:
    """When the crew leaves for its first stop: as late as possible, but out before a lunch in that gap is due."""
    leave = start - leg - lunch
    return min(leave, clock.lunch_latest) if lunch else leave


def _timed(
    clock: Clock, steps: tuple[Step, ...], return_seconds: int, starts: list[int], gap: int, badness: Badness
) -> Times:
    """All times of a schedule. Lunch is taken on arrival, or before leaving when it would begin too late there."""
    leave = clock.span.start_seconds
    if steps:
        leave = _leaving(clock, starts[0], steps[0].leg_seconds, clock.lunch_seconds if gap == 0 else 0)
    ends = [leave, *(start + step.service_seconds for start, step in zip(starts, steps, strict=True))]
    legs = [*(step.leg_seconds for step in steps), return_seconds]
    arrivals = [end + leg for end, leg in zip(ends, legs, strict=True)]
    lunch_start = None
    if gap != NO_LUNCH:
        is_on_arrival = arrivals[gap] <= clock.lunch_latest
        lunch_start = max(arrivals[gap] if is_on_arrival else ends[gap], clock.lunch_earliest)
        arrivals[gap] += 0 if is_on_arrival else clock.lunch_seconds
    return Times(leave, tuple(arrivals[:-1]), tuple(starts), badness.back, lunch_start, badness)
