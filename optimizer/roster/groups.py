"""Units that are the same to the roster, counted instead of told apart.

Same place, team, staff needs, channels, open days, urgency: grouping costs nothing in the bound and halves the model.
Units that nobody has to see this week are grouped more coarsely; those that only a home visit could serve are left
to the routing.
"""

from collections import defaultdict
from dataclasses import dataclass

from optimizer.bundle import FORBIDDEN, Unit, Way
from optimizer.calendar import day_of
from optimizer.model import Channel, Pin
from optimizer.roster.week import Week

MINUTE_SECONDS = 60
PINNED_EXTRA = 1_000_000
"""Cost points a pinned unit counts more: a planner decided it, so it is dropped last."""


@dataclass(frozen=True, slots=True)
class Group:
    """Interchangeable units, most urgent first; minutes are those of one unit, rounded up."""

    units: tuple[int, ...]
    sample: Unit
    place: int
    team: int
    home_minutes: int
    patrol_minutes: int
    left_points: int
    home_half_days: tuple[int, ...]
    """Half-days on which a home visit can start; empty when the roster plans none."""
    pin: Pin | None = None

    @property
    def count(self) -> int:
        """Number of units."""
        return len(self.units)

    @property
    def follow_up_count(self) -> int:
        """Follow-ups in one unit."""
        return len(self.sample.follow_ups)


def groups_of(week: Week, numbers: list[int]) -> tuple[Group, ...]:
    """The groups of some units, in the order of their first unit."""
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number in numbers:
        unit = week.units[number]
        if unit.patrol is not None or plans_home(unit):
            alike[_key(week, number)].append(number)
    return tuple(_group(week, members) for members in alike.values())


def plans_home(unit: Unit) -> bool:
    """Whether the roster plans home visits for a unit; others are fitted in by the routing."""
    if unit.home is None or (unit.pin is not None and unit.pin.channel not in (None, Channel.HOME)):
        return False
    return unit.closes or unit.pin is not None


def _group(week: Week, members: list[int]) -> Group:
    units = week.units
    ordered = sorted(members, key=lambda number: (-units[number].left_cost, number))
    sample = units[ordered[0]]
    points = sum(units[number].left_cost for number in members) // len(members)
    return Group(
        units=tuple(ordered),
        sample=sample,
        place=week.place_of[sample.site],
        team=week.unit_team[ordered[0]],
        home_minutes=_minutes(sample.home),
        patrol_minutes=_minutes(sample.patrol),
        left_points=points + (PINNED_EXTRA if sample.pin else 0),
        home_half_days=_home_half_days(week, sample) if plans_home(sample) else (),
        pin=sample.pin,
    )


def _key(week: Week, number: int) -> tuple[object, ...]:
    """What has to be equal for units to be interchangeable."""
    unit = week.units[number]
    alone = number if unit.pin or unit.joint else -1
    key: tuple[object, ...] = (
        alone,
        unit.closes,
        week.place_of[unit.site],
        _way_key(unit.patrol),
        unit.patrol_sites,
        unit.windows if unit.patrol else (),
        _two_digits(unit.left_cost),
        len(unit.follow_ups),
    )
    if not plans_home(unit):
        return key
    return (*key, week.unit_team[number], unit.priority, _way_key(unit.home), _home_half_days(week, unit))


def _way_key(way: Way | None) -> tuple[object, ...]:
    return (_minutes(way), way.needs, way.head_count, way.day_cost) if way else ()


def _minutes(way: Way | None) -> int:
    """Minutes of a way, rounded up; 0 without the way."""
    return -(-way.seconds // MINUTE_SECONDS) if way else 0


def _two_digits(points: int) -> int:
    """A number cut to its two leading digits."""
    unit: int = 10 ** max(0, len(str(points)) - 2)
    return points // unit * unit


def _home_half_days(week: Week, unit: Unit) -> tuple[int, ...]:
    """Half-days on which a home visit may start and still end in time."""
    assert unit.home is not None
    return tuple(half_day for half_day in week.half_days if _can_start(week, unit, unit.home, half_day))


def _can_start(week: Week, unit: Unit, way: Way, half_day: int) -> bool:
    day = day_of(half_day)
    start, end = week.bounds(half_day)
    if way.day_cost[day] == FORBIDDEN or not pin_allows(unit.pin, half_day):
        return False
    if unit.pin and unit.pin.start_seconds is not None and not start <= unit.pin.start_seconds < end:
        return False
    latest = end - way.seconds
    return any(w.start_seconds <= latest and start <= (w.late_end_seconds or w.end_seconds) for w in unit.windows[day])


def pin_allows(pin: Pin | None, half_day: int) -> bool:
    """Whether a pin leaves a half-day open."""
    if pin is None:
        return True
    return pin.day in (None, day_of(half_day)) and pin.half_day in (None, half_day)
