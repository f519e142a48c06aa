"""Valid tiny objects with keyword overrides, and one hand-made week with a feasible plan and its cost.

The week: Monday 2026-11-23 to Friday. Everything lies on one straight road; `ROAD_MINUTES` says how far from the base
by car. `a_plan()` is a plan of `a_problem()`. Ids are fixed; give `replace`d parts to change a thing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from optimizer.calendar import Day
from optimizer.model import (
    Channel,
    ChannelOption,
    FollowUp,
    Joint,
    Member,
    Session,
    Site,
    SiteKind,
    StaffNeed,
    Team,
    Vehicle,
)
from optimizer.plan import Crew, Left, Lunch, PhoneCall, Plan, Stop, StopKind
from optimizer.problem import Problem
from optimizer.travel import ModeTimes, TravelTimes

MONDAY = date(2026, 11, 23)
FRIDAY = MONDAY + timedelta(days=4)
WEEK_HALF_DAYS = tuple(range(10))
ROAD_MINUTES = {"base": 0, "v1": 10, "h1": 12, "h2": 14, "v2": 20, "h3": 22}
GP = StaffNeed(roles=("GP",))
NURSE = StaffNeed(roles=("NURSE",))


def clock(hour: int, minute: int = 0, second: int = 0) -> int:
    """Seconds since midnight."""
    return hour * 3600 + minute * 60 + second


def week_day(number: int) -> date:
    """The date of planning day `number`; numbers below 0 and above 4 are dates outside the plan."""
    return MONDAY + timedelta(days=number)


def a_day(number: int = 0, **overrides: Any) -> Day:
    """Planning day `number` with the usual hours."""
    return replace(Day(week_day(number)), **overrides)


def a_week(days: int = 5) -> tuple[Day, ...]:
    """Monday and the days after it."""
    return tuple(a_day(number) for number in range(days))


def a_site(id: str = "v1", **overrides: Any) -> Site:  # noqa: A002 # the field is called id
    """A village."""
    return replace(Site(id, SiteKind.VILLAGE), **overrides)


def some_sites() -> tuple[Site, ...]:
    """The base, two villages and their three households, in the order of `ROAD_MINUTES`."""
    return (
        Site("base", SiteKind.BASE),
        Site("v1", SiteKind.VILLAGE, "v1"),
        Site("h1", SiteKind.HOUSEHOLD, "v1"),
        Site("h2", SiteKind.HOUSEHOLD, "v1"),
        Site("v2", SiteKind.VILLAGE, "v2"),
        Site("h3", SiteKind.HOUSEHOLD, "v2"),
    )


def travel_of(minutes: Sequence[int], *, modes: Sequence[str] = ("car", "ebike"), **overrides: Any) -> TravelTimes:
    """Travel on one road, places `minutes` by car from its beginning; an e-bike takes twice as long; 500 m a minute."""
    places = np.array(minutes, dtype=np.int32)
    apart = np.abs(places[:, None] - places[None, :])
    seconds = {mode: apart * (120 if mode == "ebike" else 60) for mode in modes}
    return replace(TravelTimes({mode: ModeTimes(seconds[mode], apart * 500) for mode in modes}), **overrides)


def a_team(id: str = "t1", **overrides: Any) -> Team:  # noqa: A002 # the field is called id
    """A core team at the base."""
    return replace(Team(id, 1, "base"), **overrides)


def a_member(id: str = "gp1", **overrides: Any) -> Member:  # noqa: A002 # the field is called id
    """A general practitioner of team t1 who is in the field on all ten half-days and drives a car."""
    member = Member(id, "GP", "t1", "base", WEEK_HALF_DAYS, sex="M", drives=("car",))
    return replace(member, **overrides)


def some_members() -> tuple[Member, ...]:
    """A doctor and a nurse in each of two teams; the doctors drive."""
    return (
        a_member("gp1"),
        a_member("nurse1", role="NURSE", sex="F", drives=()),
        a_member("gp2", team="t2", sex="F"),
        a_member("nurse2", team="t2", role="NURSE", sex="F", drives=()),
    )


def a_vehicle(id: str = "car1", **overrides: Any) -> Vehicle:  # noqa: A002 # the field is called id
    """A car with five seats at the base."""
    return replace(Vehicle(id, "car", 5, "base"), **overrides)


def an_option(channel: Channel = Channel.HOME, minutes: int = 20, **overrides: Any) -> ChannelOption:
    """A way of doing a follow-up that one person of any role may take."""
    return replace(ChannelOption(channel, minutes * 60), **overrides)


def a_follow_up(id: str = "home1", **overrides: Any) -> FollowUp:  # noqa: A002 # the field is called id
    """A home visit of 20 minutes at h1, due this week; its resident is named after it."""
    item = FollowUp(
        id, f"resident-{id}", "h1", "HTN_ROUTINE", MONDAY, week_day(2), FRIDAY, (an_option(),), f"house-{id}", team="t1"
    )
    return replace(item, **overrides)


def a_session(id: str = "s1", **overrides: Any) -> Session:  # noqa: A002 # the field is called id
    """A session of three hours at v1 on any half-day of the week, wanted of team t1, with a doctor."""
    return replace(Session(id, "v1", WEEK_HALF_DAYS, "t1", needs=(GP,)), **overrides)


def some_follow_ups() -> tuple[FollowUp, ...]:
    """One home visit, one for the session, one call, one joint visit, one that closes later, one that is left."""
    home, patrol, phone = (an_option(channel) for channel in (Channel.HOME, Channel.PATROL, Channel.PHONE))
    return (
        a_follow_up("home1", channels=(home,)),
        a_follow_up("patrol1", site="h2", channels=(home, patrol), patrol_sites=("v1", "v2")),
        a_follow_up("phone1", site="h3", channels=(phone,), team="t2"),
        a_follow_up("joint1", site="h3", channels=(an_option(minutes=30),), joint=Joint((GP,)), priority=0, team="t2"),
        a_follow_up("open1", site="h2", latest=week_day(11)),
        a_follow_up("left1", site="h3", team="t2"),
    )


def a_problem(*, minutes: Sequence[int] | None = None, **overrides: Any) -> Problem:
    """The hand-made week; give `minutes` (along the road, per site) together with other `sites`."""
    parts: dict[str, Any] = {
        "days": a_week(),
        "sites": some_sites(),
        "teams": (a_team("t1"), a_team("t2")),
        "members": some_members(),
        "vehicles": (a_vehicle("car1"), a_vehicle("car2")),
        "follow_ups": some_follow_ups(),
        "sessions": (a_session(),),
        "travel": travel_of(tuple(ROAD_MINUTES.values()) if minutes is None else minutes),
    }
    return Problem(**(parts | overrides))


def an_empty_problem(**overrides: Any) -> Problem:
    """Staff, vehicles and roads, and nothing to do."""
    return a_problem(**({"follow_ups": (), "sessions": ()} | overrides))


def a_home_stop(*follow_ups: str, site: str = "h1", start: int = 0, minutes: int = 30, **overrides: Any) -> Stop:
    """A home stop that starts on arrival; 30 minutes is the set-up and one follow-up of 20."""
    return replace(Stop(StopKind.HOME, site, follow_ups, start, start, start + minutes * 60), **overrides)


def a_session_stop(*follow_ups: str, session: str = "s1", site: str = "v1", start: int = 0, **overrides: Any) -> Stop:
    """A session of three hours that starts on arrival."""
    stop = Stop(StopKind.SESSION, site, follow_ups, start, start, start + 3 * 3600, session)
    return replace(stop, **overrides)


def a_crew(id: str = "c1", **overrides: Any) -> Crew:  # noqa: A002 # the field is called id
    """Monday, the whole day, team t1: the session at v1 with patrol1, lunch, then home1 next door."""
    crew = Crew(
        id,
        (0, 1),
        ("gp1", "nurse1"),
        "t1",
        "car1",
        clock(8),
        clock(13, 12),
        (
            a_session_stop("patrol1", start=clock(8, 10)),
            a_home_stop("home1", start=clock(12, 30), arrival_seconds=clock(11, 12)),
        ),
        Lunch(clock(11, 30), clock(12, 30)),
    )
    return replace(crew, **overrides)


def a_trip(*stops: Stop, id: str = "c1", start: int = clock(8), **overrides: Any) -> Crew:  # noqa: A002 # the field's name
    """A crew of Monday morning that drives the stops in order, each begun on arrival or at its start."""
    place, now, timed = 0, start, list[Stop]()
    for stop in stops:
        arrival = now + abs(ROAD_MINUTES[stop.site] - place) * 60
        begin = max(arrival, stop.start_seconds)
        place, now = ROAD_MINUTES[stop.site], begin + stop.end_seconds - stop.start_seconds
        timed.append(replace(stop, arrival_seconds=arrival, start_seconds=begin, end_seconds=now))
    crew = Crew(id, (0,), ("gp1", "nurse1"), "t1", "car1", start, now + place * 60, tuple(timed))
    return replace(crew, **overrides)


def a_joint_pair() -> tuple[Crew, Crew]:
    """Tuesday morning: both teams at h3 for joint1, 08:22 to 09:02, back at 09:24."""
    stops = (a_home_stop("joint1", site="h3", start=clock(8, 22), minutes=40),)
    return (
        Crew("c2", (2,), ("gp2", "nurse2"), "t2", "car2", clock(8), clock(9, 24), stops),
        Crew("c3", (2,), ("gp1", "nurse1"), "t1", "car1", clock(8), clock(9, 24), stops),
    )


def a_plan(**overrides: Any) -> Plan:
    """A feasible plan of `a_problem()`; its cost parts are in `A_PLANS_COST`."""
    plan = Plan(
        crews=(a_crew(), *a_joint_pair()),
        phone_calls=(PhoneCall("phone1", "nurse2", 0),),
        deferred=(Left("open1", ("NOT_WORTH",)),),
        unplanned=(Left("left1", ("NO_ROOM",)),),
    )
    return replace(plan, **overrides)


A_PLANS_COST = {
    "unplanned": 18_000,  # left1, P2: 300 min
    "overdue": 600,  # left1, latest Friday, so one day at 10 min
    "session_not_held": 0,
    "deferred": 360,  # open1, first week after
    "travel": 6_720,  # 24 + 44 + 44 min
    "overtime": 0,
    "lateness": 0,
    "waiting": 0,  # 18 min at 0
    "staffing": 7_200,  # 8 member half-days at 15 min
    "continuity": 0,
    "neighbour": 0,
    "rhythm": 0,
    "home_instead": 0,
    "balance": 0,
    "change": 0,
}
"""The cost of `a_plan()` in points, added by hand."""
