"""Person -> household: which follow-ups are done in one stop, how long it takes, when, and at what price.

The search plans units, not follow-ups. Merging never narrows the choice of the more urgent follow-up.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from optimizer.calendar import day_of, half_day_bounds, half_of
from optimizer.model import (
    Channel,
    ChannelOption,
    FollowUp,
    Joint,
    OrderClass,
    Parameters,
    Pin,
    ServiceClass,
    StaffNeed,
    TimeWindow,
)
from optimizer.plan import StopKind
from optimizer.problem import Problem
from optimizer.weights import WEEK_DAYS

FORBIDDEN = -1
WHOLE_DAY = TimeWindow(0, 86_400)


Windows = tuple[TimeWindow, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A channel open to a unit: seconds (home: with set-up), staff, and per planning day cost points or FORBIDDEN."""

    seconds: int
    needs: tuple[StaffNeed, ...]
    head_count: int
    day_cost: tuple[int, ...]

    def is_open(self, day: int) -> bool:
        """Whether the dates allow this day."""
        return self.day_cost[day] != FORBIDDEN


@dataclass(frozen=True, slots=True)
class Unit:
    """Follow-ups that are always done together; numbers are positions in the problem's tuples."""

    follow_ups: tuple[int, ...]
    site: int
    priority: int
    order_class: OrderClass
    home: Way | None
    patrol: Way | None
    phone: Way | None
    patrol_sites: tuple[int, ...]
    joint: Joint | None
    windows: tuple[Windows, ...]
    """Per planning day, when service may start (sorted, disjoint); () where the day is impossible."""
    left_cost: int
    """Cost points of leaving it, deferred or unplanned."""
    closes: bool
    """Whether leaving it breaks a window (unplanned) for at least one of its follow-ups."""
    pin: Pin | None = None

    @property
    def is_home_only(self) -> bool:
        """Whether a home visit is the only way."""
        return self.home is not None and self.patrol is None and self.phone is None

    def open_days(self) -> frozenset[int]:
        """Days on which at least one channel is open."""
        ways = [way for way in (self.home, self.patrol, self.phone) if way is not None]
        return frozenset(day for way in ways for day in range(len(way.day_cost)) if way.is_open(day))


def person_seconds(seconds: Sequence[int], parameters: Parameters) -> int:
    """Seconds of one person's items together: the longest in full, the rest at a share."""
    longest = max(seconds)
    return longest + (sum(seconds) - longest) * parameters.person_extra_percent // 100


def household_seconds(persons: Sequence[int], parameters: Parameters) -> int:
    """Seconds of a home stop for several persons, with set-up."""
    longest = max(persons)
    extra = (sum(persons) - longest) * parameters.household_extra_percent // 100
    return parameters.setup_seconds + longest + extra


def stop_seconds(follow_ups: Iterable[FollowUp], kind: StopKind, parameters: Parameters) -> int:
    """Seconds of a home stop, or person-seconds at a session, for these follow-ups together."""
    channel = Channel.HOME if kind is StopKind.HOME else Channel.PATROL
    by_resident: dict[str, list[int]] = defaultdict(list)
    for item in follow_ups:
        by_resident[item.resident].append(option_of(item, channel).seconds)
    persons = [person_seconds(seconds, parameters) for seconds in by_resident.values()]
    return household_seconds(persons, parameters) if kind is StopKind.HOME else sum(persons)


def option_of(item: FollowUp, channel: Channel) -> ChannelOption:
    """The option of a follow-up for a channel; raises LookupError when it has none."""
    option = find_option(item, channel)
    if option is None:
        raise LookupError(f"{item.id} has no channel {channel}")
    return option


def find_option(item: FollowUp, channel: Channel) -> ChannelOption | None:
    """The usable option for a channel, or None; home medical care needs its gate open."""
    needs_gate = channel is Channel.HOME and item.service_class is ServiceClass.HOME_MEDICAL
    if needs_gate and (item.gate is None or not item.gate.is_open):
        return None
    return next((option for option in item.channels if option.channel is channel), None)


def overdue_days(problem: Problem, item: FollowUp, on: date) -> int:
    """Days of the plan after its latest date; what was overdue before the plan began is nobody's choice any more."""
    return max(0, (on - max(item.latest, problem.days[0].date)).days)


def closes_in(problem: Problem, item: FollowUp) -> bool:
    """Whether the window of a follow-up closes within the plan (left then means unplanned, not deferred)."""
    return item.latest <= problem.days[-1].date


def left_cost(problem: Problem, item: FollowUp) -> int:
    """Cost points of leaving a follow-up: unplanned with its overdue days, or deferred."""
    weights, last = problem.weights, problem.days[-1].date
    if not closes_in(problem, item):
        weeks = ((item.latest - last).days - 1) // WEEK_DAYS
        return weights.deferred[min(weeks, len(weights.deferred) - 1)]
    percent = 100 + (weights.joint_percent if item.joint else 0)
    days = overdue_days(problem, item, last + timedelta(days=1))
    return weights.unplanned[item.priority] * percent // 100 + weights.overdue_day[item.priority] * days


def start_windows(problem: Problem, item: FollowUp, day: int) -> Windows:
    """When service of a follow-up may start on a day: its times of day, the resident's, and the clock deadline."""
    today = problem.days[day].date
    windows: Windows = item.time_windows or (WHOLE_DAY,)
    if item.resident_windows:
        there = tuple(TimeWindow(w.start_seconds, w.end_seconds) for w in item.resident_windows if w.date == today)
        windows = intersect(windows, there)
    if item.deadline_seconds is not None and today == item.latest:
        windows = intersect(windows, (TimeWindow(0, item.deadline_seconds),))
    return windows


def intersect(first: Windows, second: Windows) -> Windows:
    """Common parts of two sets of windows; a soft end survives only as far as the other window reaches."""
    common = []
    for a in first:
        for b in second:
            late = min(a.late_end_seconds or a.end_seconds, b.late_end_seconds or b.end_seconds)
            start, end = max(a.start_seconds, b.start_seconds), min(a.end_seconds, b.end_seconds)
            if start <= end:
                common.append(TimeWindow(start, end, late if late > end else None))
    return tuple(sorted(common, key=lambda window: window.start_seconds))


def units_of(problem: Problem) -> tuple[Unit, ...]:
    """All follow-ups of a problem as units: a person's items merged, then a household's home-only ones."""
    earlier = _earlier(problem)
    pins = {pin.target: pin for pin in problem.pins}
    singles = [_unit(problem, (number,), pins, earlier) for number in range(len(problem.follow_ups))]
    persons = _merged(problem, singles, lambda item: item.resident, pins, earlier)
    home_only = [unit for unit in persons if unit.is_home_only]
    households = _merged(problem, home_only, lambda item: item.household, pins, earlier)
    others = [unit for unit in persons if not unit.is_home_only]
    return tuple(sorted(households + others, key=lambda unit: unit.follow_ups))


_Earlier = dict[str, tuple[Channel, int]]
_Pins = dict[str, Pin]


def _earlier(problem: Problem) -> _Earlier:
    """Channel and day of every follow-up that the earlier plan served."""
    if problem.earlier is None:
        return {}
    served: _Earlier = {call.follow_up: (Channel.PHONE, day_of(call.half_day)) for call in problem.earlier.phone_calls}
    for crew in problem.earlier.crews:
        for stop in crew.stops:
            channel = Channel.HOME if stop.kind is StopKind.HOME else Channel.PATROL
            served.update({item: (channel, day_of(crew.half_days[0])) for item in stop.follow_ups})
    return served


def _merged(
    problem: Problem, units: Iterable[Unit], key: Callable[[FollowUp], str], pins: _Pins, earlier: _Earlier
) -> list[Unit]:
    """Units with the same key joined, most urgent first, as far as that narrows nothing for the more urgent one."""
    groups: dict[str, list[Unit]] = defaultdict(list)
    merged: list[Unit] = []
    for unit in units:
        name = key(problem.follow_ups[unit.follow_ups[0]])
        groups[name].append(unit) if name else merged.append(unit)
    for group in groups.values():
        open_units: list[Unit] = []
        for unit in sorted(group, key=lambda unit: (unit.priority, -unit.left_cost, unit.follow_ups)):
            for number, urgent in enumerate(open_units):
                both = _joined(problem, urgent, unit, pins, earlier)
                if both is not None:
                    open_units[number] = both
                    break
            else:
                open_units.append(unit)
        merged += open_units
    return merged


def _joined(problem: Problem, urgent: Unit, other: Unit, pins: _Pins, earlier: _Earlier) -> Unit | None:
    """Both as one unit, or None when the more urgent one would lose a day, a place, or a face-to-face channel."""
    if urgent.pin or other.pin or urgent.joint or other.joint:
        return None
    if _is_soft(urgent) or _is_soft(other):
        return None
    if urgent.site != other.site or urgent.order_class is not other.order_class:
        return None
    both = _unit(problem, urgent.follow_ups + other.follow_ups, pins, earlier)
    keeps_ways = (both.home is None) == (urgent.home is None) and (both.patrol is None) == (urgent.patrol is None)
    has_way = both.home is not None or both.patrol is not None or both.phone is not None
    if not (keeps_ways and has_way and both.open_days() == urgent.open_days()):
        return None
    return both if both.patrol is None or both.patrol_sites[:1] == urgent.patrol_sites[:1] else None


def _is_soft(unit: Unit) -> bool:
    """Whether a late start has a price, which is counted for each follow-up by itself."""
    return any(window.late_end_seconds for windows in unit.windows for window in windows)


def _unit(problem: Problem, numbers: tuple[int, ...], pins: _Pins, earlier: _Earlier) -> Unit:
    """These follow-ups as one unit: common channels, days and times, all the staff that any of them needs."""
    items = [problem.follow_ups[number] for number in numbers]
    days = range(len(problem.days))
    windows = tuple(_common_windows(problem, items, day) for day in days)
    site_sets = [item.patrol_sites for item in items]
    sites = tuple(problem.site_number[site] for site in site_sets[0] if all(site in other for other in site_sets))
    home = _way(problem, items, Channel.HOME, windows, earlier)
    patrol = _way(problem, items, Channel.PATROL, windows, earlier) if sites else None
    if home and patrol:
        extra = problem.weights.home_instead * len(items)
        home = replace(home, day_cost=tuple(cost + extra if cost != FORBIDDEN else cost for cost in home.day_cost))
    unit = Unit(
        follow_ups=numbers,
        site=problem.site_number[items[0].site],
        priority=min(item.priority for item in items),
        order_class=items[0].order_class,
        home=home,
        patrol=patrol,
        phone=_way(problem, items, Channel.PHONE, tuple((WHOLE_DAY,) for _ in days), earlier),
        patrol_sites=sites,
        joint=items[0].joint,
        windows=windows,
        left_cost=sum(left_cost(problem, item) + _change(problem, item, earlier, None) for item in items),
        closes=any(closes_in(problem, item) for item in items),
        pin=next((pins[item.id] for item in items if item.id in pins), None),
    )
    return unit if unit.pin is None else _pinned(problem, unit, unit.pin)


def _pinned(problem: Problem, unit: Unit, pin: Pin) -> Unit:
    """The unit with only the channel, day and start of its pin; its members are the business of the search."""
    day = pin.day if pin.half_day is None else day_of(pin.half_day)
    windows = unit.windows
    if pin.start_seconds is not None:
        exact = (TimeWindow(pin.start_seconds, pin.start_seconds),)
        windows = tuple(intersect(each, exact) for each in windows)
    if pin.half_day is not None:
        bounds = (TimeWindow(*half_day_bounds(problem.days[day_of(pin.half_day)], half_of(pin.half_day))),)
        windows = tuple(intersect(each, bounds) for each in windows)
    home = _on_day(unit.home, day, windows)
    patrol = _on_day(unit.patrol, day, windows) if pin.start_seconds is None else None
    phone = _on_day(unit.phone, day, unit.windows) if pin.start_seconds is None else None
    return replace(
        unit,
        windows=windows,
        home=home if pin.channel in (None, Channel.HOME) else None,
        patrol=patrol if pin.channel in (None, Channel.PATROL) else None,
        phone=phone if pin.channel in (None, Channel.PHONE) else None,
    )


def _on_day(way: Way | None, day: int | None, windows: tuple[Windows, ...]) -> Way | None:
    """A way restricted to one day and to days with a window; None when nothing is left."""
    if way is None:
        return None
    costs = tuple(
        cost if windows[number] and day in (None, number) else FORBIDDEN for number, cost in enumerate(way.day_cost)
    )
    return None if all(cost == FORBIDDEN for cost in costs) else replace(way, day_cost=costs)


def _common_windows(problem: Problem, items: Sequence[FollowUp], day: int) -> Windows:
    """When service of all items may start on a day; () when never."""
    windows: Windows = (WHOLE_DAY,)
    for item in items:
        windows = intersect(windows, start_windows(problem, item, day))
    return windows


def _way(
    problem: Problem, items: Sequence[FollowUp], channel: Channel, windows: tuple[Windows, ...], earlier: _Earlier
) -> Way | None:
    """The channel for all items together, or None when one of them does not have it or no day is open."""
    options = [find_option(item, channel) for item in items]
    known = [option for option in options if option is not None]
    if len(known) < len(items):
        return None
    costs = tuple(
        _day_cost(problem, items, channel, day, earlier) if windows[day] else FORBIDDEN
        for day in range(len(problem.days))
    )
    if all(cost == FORBIDDEN for cost in costs):
        return None
    seconds = max(option.seconds for option in known)
    if channel is not Channel.PHONE:
        kind = StopKind.HOME if channel is Channel.HOME else StopKind.SESSION
        seconds = stop_seconds(items, kind, problem.parameters)
    elif len(known) > 1:
        seconds = sum(option.seconds for option in known)
    needs = tuple(dict.fromkeys(need for option in known for need in option.needs))
    return Way(seconds, needs, max(option.head_count for option in known), costs)


def _day_cost(problem: Problem, items: Sequence[FollowUp], channel: Channel, day: int, earlier: _Earlier) -> int:
    """Cost points of doing the items on a day by a channel (overdue days, change), or FORBIDDEN."""
    today = problem.days[day]
    if not (today.is_open(0) or today.is_open(1)):
        return FORBIDDEN
    cost = 0
    for item in items:
        if today.date < item.earliest or (item.hard_end and today.date > item.latest):
            return FORBIDDEN
        cost += problem.weights.overdue_day[item.priority] * overdue_days(problem, item, today.date)
        cost += _change(problem, item, earlier, (channel, day))
    return cost


def _change(problem: Problem, item: FollowUp, earlier: _Earlier, now: tuple[Channel, int] | None) -> int:
    """Cost points when a follow-up that the earlier plan served is now served otherwise, or not at all."""
    before = earlier.get(item.id)
    return problem.weights.change if before is not None and before != now else 0
