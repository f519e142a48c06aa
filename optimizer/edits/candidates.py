"""Places that a follow-up could have, in groups of one crew, session or caller, each with a price it cannot go below.

The bound is exact in everything but time: a longer day may cost overtime or lateness on top, never less than the
crew pays for time already. Says quickly what the people or the date rule out; the judge has the last word.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.bundle import find_option, left_cost, overdue_days
from optimizer.calendar import day_of, half_day_bounds
from optimizer.cost import home_continuity
from optimizer.edits.draft import Draft, OpenCrew, OpenStop
from optimizer.edits.placing import find_household_stop
from optimizer.edits.route import clock_of, legs_of
from optimizer.edits.trials import cut_plan
from optimizer.edits.windows import patrol_seconds
from optimizer.model import Channel, FollowUp, Member
from optimizer.problem import Problem
from optimizer.staffing import fits, meets


@dataclass(frozen=True, slots=True)
class Group:
    """Places that differ little: positions of one crew, one session, or one caller on one half-day."""

    channel: Channel
    crew: str
    """Empty for phone calls."""
    target: str
    """The session, or the member who phones; empty at home."""
    half_day: int
    bound: int
    is_likely: bool
    """Whether people and date allow it."""
    rank: tuple[int, ...]
    """Order among equal bounds: the contract team first, then early ones."""
    second_crew: str = ""
    """The other crew of a joint visit."""

    @property
    def kind(self) -> tuple[Channel, str, str]:
        """What is listed once: a crew (or pair), a session, a caller."""
        return self.channel, self.target or self.crew, self.second_crew


def groups_of(draft: Draft, item: FollowUp, change: dict[tuple[Channel, int], int]) -> list[Group]:
    """All groups for a follow-up that is left in a draft, the lowest bound first.

    `change` is the price of differing from the earlier plan by channel and day; missing: 0.
    """
    channels = {option.channel for option in item.channels}
    groups: list[Group] = []
    if Channel.HOME in channels:
        groups += _joint_groups(draft, item, change) if item.joint else _home_groups(draft, item, change)
    if Channel.PATROL in channels:
        groups += _session_groups(draft, item, change)
    if Channel.PHONE in channels:
        groups += _phone_groups(draft, item, change)
    return sorted(groups, key=lambda group: (group.bound, group.rank))


def change_prices(problem: Problem, item: FollowUp) -> dict[tuple[Channel, int], int]:
    """What channels and days cost for differing from the earlier plan, against leaving the follow-up."""
    earlier = cut_plan(problem.earlier, {item.id}, set())
    before: tuple[Channel, int] | None = None
    for crew in earlier.crews if earlier is not None else ():
        for stop in crew.stops:
            if item.id in stop.follow_ups:
                before = (Channel.PATROL if stop.session else Channel.HOME, day_of(crew.half_days[0]))
    for call in earlier.phone_calls if earlier is not None else ():
        before = (Channel.PHONE, day_of(call.half_day))
    return {} if before is None else {before: -problem.weights.change}


def _home_groups(draft: Draft, item: FollowUp, change: dict[tuple[Channel, int], int]) -> Iterator[Group]:
    for crew in draft.crews:
        bound = home_price(draft, item, crew, change) + _least_detour(draft, item, crew) - paid_for_time(draft, crew)
        is_likely = _fits_at_home(draft.problem, item, crew) and _is_open(draft.problem, item, crew.day)
        rank = (crew.team != item.team, crew.half_days[0])
        yield Group(Channel.HOME, crew.id, "", crew.half_days[0], bound, is_likely, rank)


def home_price(draft: Draft, item: FollowUp, crew: OpenCrew, change: dict[tuple[Channel, int], int]) -> int:
    """Cost points of a home visit by a crew against leaving it, without travel and time."""
    problem, day = draft.problem, draft.problem.days[crew.day].date
    price = problem.weights.overdue_day[item.priority] * overdue_days(problem, item, day) - left_cost(problem, item)
    if item.patrol_sites and any(option.channel is Channel.PATROL for option in item.channels):
        price += problem.weights.home_instead
    price += change.get((Channel.HOME, crew.day), 0)
    return price + home_continuity(problem, item, crew.team, crew.members)


def _least_detour(draft: Draft, item: FollowUp, crew: OpenCrew) -> int:
    """The price of the cheapest detour of a crew to a follow-up's home; nothing where it stops there already."""
    problem = draft.problem
    if find_household_stop(draft, crew, item.id) is not None:
        return 0
    legs = legs_of(problem, crew, crew.stops)
    vehicle = problem.vehicles[problem.vehicle_number[crew.vehicle]]
    number, snow = problem.site_number, problem.days[crew.day].snow
    here, base = number[item.site], number[vehicle.base]
    places = [base, *(number[stop.site] for stop in crew.stops), base]
    extras = [
        problem.travel.seconds(vehicle.mode, places[position], here, snow=snow)
        + problem.travel.seconds(vehicle.mode, here, places[position + 1], snow=snow)
        - leg
        for position, leg in enumerate(legs)
    ]
    return problem.weights.travel_second * min(extras)


def paid_for_time(draft: Draft, crew: OpenCrew) -> int:
    """Cost points that a crew pays for overtime, lateness and waiting now, at most."""
    if crew.before is None:
        return 0
    weights, end = draft.problem.weights, clock_of(draft.problem, crew.half_days).span.end_seconds
    paid = weights.overtime_second * max(0, crew.before.end_seconds - end)
    for stop in crew.before.stops:
        for name in stop.follow_ups if not stop.session else ():
            windows = draft.item(name).time_windows
            late = max((stop.start_seconds - one.end_seconds for one in windows if one.late_end_seconds), default=0)
            paid += weights.late_second * max(0, late)
        paid += weights.waiting_second * (stop.start_seconds - stop.arrival_seconds)
    return paid


def _fits_at_home(problem: Problem, item: FollowUp, crew: OpenCrew) -> bool:
    """Whether a crew has the people for a home visit."""
    option = find_option(item, Channel.HOME)
    if option is None or len(crew.members) < problem.parameters.min_home_crew_members:
        return False
    today = problem.days[crew.day].date
    return meets(_members(problem, crew), option.needs, today, head_count=option.head_count)


def _is_open(problem: Problem, item: FollowUp, day: int) -> bool:
    """Whether the dates allow a day."""
    today = problem.days[day].date
    return item.earliest <= today and not (item.hard_end and today > item.latest)


def _members(problem: Problem, crew: OpenCrew) -> list[Member]:
    return [problem.members[problem.member_number[name]] for name in crew.members]


def _joint_groups(draft: Draft, item: FollowUp, change: dict[tuple[Channel, int], int]) -> Iterator[Group]:
    """Pairs of crews of one day and two teams without a common member, at least one of which fits the visit."""
    problem = draft.problem
    assert item.joint is not None, "asked for joint visits only"
    plain: dict[str, tuple[int, bool, bool]] = {}
    for crew in draft.crews:
        today = problem.days[crew.day].date
        fits_second = meets(_members(problem, crew), item.joint.needs, today)
        travel = _least_detour(draft, item, crew) - paid_for_time(draft, crew)
        plain[crew.id] = (travel, _fits_at_home(problem, item, crew), fits_second)
    for number, crew in enumerate(draft.crews):
        for other in draft.crews[number + 1 :]:
            if crew.day != other.day or crew.team == other.team or not set(crew.members).isdisjoint(other.members):
                continue
            (travel, first, second), (travel_there, first_there, second_there) = plain[crew.id], plain[other.id]
            is_likely = (first and second_there) or (first_there and second)
            leads = [one for one, is_fit in ((crew, first), (other, first_there)) if is_fit] or [crew]
            price = min(home_price(draft, item, one, change) for one in leads)
            rank = (all(one.team != item.team for one in (crew, other)), crew.half_days[0])
            bound = price + travel + travel_there
            is_open = is_likely and _is_open(problem, item, crew.day)
            yield Group(Channel.HOME, crew.id, "", crew.half_days[0], bound, is_open, rank, other.id)


def _session_groups(draft: Draft, item: FollowUp, change: dict[tuple[Channel, int], int]) -> Iterator[Group]:
    """The sessions held at sites that may absorb the follow-up."""
    problem, weights = draft.problem, draft.problem.weights
    option = next(option for option in item.channels if option.channel is Channel.PATROL)
    for crew in draft.crews:
        today = problem.days[crew.day].date
        for stop in crew.stops:
            if not stop.session or stop.site not in item.patrol_sites:
                continue
            price = weights.overdue_day[item.priority] * overdue_days(problem, item, today) - left_cost(problem, item)
            price += weights.neighbour * (stop.site != item.patrol_sites[0])
            price += change.get((Channel.PATROL, crew.day), 0) - paid_for_time(draft, crew)
            fits_crew = meets(_members(problem, crew), option.needs, today, head_count=option.head_count)
            is_likely = fits_crew and _is_open(problem, item, crew.day) and _has_room(draft, item, crew, stop)
            rank = (crew.team != item.team, stop.half_day)
            yield Group(Channel.PATROL, crew.id, stop.session, stop.half_day, price, is_likely, rank)


def _has_room(draft: Draft, item: FollowUp, crew: OpenCrew, stop: OpenStop) -> bool:
    """Whether a session has room for one more, in heads and in minutes."""
    session = draft.problem.sessions[draft.problem.session_number[stop.session]]
    items = [*draft.items(stop), item]
    if len({one.resident for one in items}) > session.max_contacts:
        return False
    return patrol_seconds(draft.problem, items) <= session.net_seconds_per_member * len(crew.members)


def _phone_groups(draft: Draft, item: FollowUp, change: dict[tuple[Channel, int], int]) -> Iterator[Group]:
    """Every half-day on which a member is at the desk, or free."""
    problem, weights = draft.problem, draft.problem.weights
    option = next(option for option in item.channels if option.channel is Channel.PHONE)
    out = {(name, half_day) for crew in draft.crews for name in crew.members for half_day in crew.half_days}
    talking: dict[tuple[str, int], int] = {}
    for call in draft.calls:
        seconds = next((o.seconds for o in draft.item(call.follow_up).channels if o.channel is Channel.PHONE), 0)
        talking[call.member, call.half_day] = talking.get((call.member, call.half_day), 0) + seconds
    prices = [
        weights.overdue_day[item.priority] * overdue_days(problem, item, day.date)
        - left_cost(problem, item)
        + change.get((Channel.PHONE, number), 0)
        for number, day in enumerate(problem.days)
    ]
    for number, member in enumerate(problem.members):
        free = [half_day for half_day in member.field_half_days if (member.id, half_day) not in out]
        for half_day in sorted({*member.desk_half_days, *free}):
            day = day_of(half_day)
            has_time = talking.get((member.id, half_day), 0) + option.seconds
            is_able = all(fits(member, need, problem.days[day].date) for need in option.needs)
            is_likely = is_able and has_time <= problem.parameters.phone_seconds_per_half_day
            is_likely = is_likely and _is_open(problem, item, day)
            rank = (member.team != item.team, half_day, number)
            yield Group(Channel.PHONE, "", member.id, half_day, prices[day], is_likely, rank)


def half_day_at(problem: Problem, crew_half_days: tuple[int, ...], start_seconds: int) -> int:
    """The half-day of a crew in which a start lies."""
    afternoon = half_day_bounds(problem.days[day_of(crew_half_days[0])], 1)[0]
    return crew_half_days[-1] if start_seconds >= afternoon else crew_half_days[0]
