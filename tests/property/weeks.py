"""Random weeks of every shape, each from a seed: small, valid, and as awkward as real ones can be."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from optimizer.calendar import Day
from optimizer.model import (
    Channel,
    ChannelOption,
    DatedWindow,
    FollowUp,
    HomeMedicalGate,
    Joint,
    Member,
    OrderClass,
    Parameters,
    Pin,
    ServiceClass,
    Session,
    Site,
    SiteKind,
    Skill,
    StaffNeed,
    Team,
    TimeWindow,
    Vehicle,
)
from optimizer.plan import Plan
from optimizer.problem import Problem
from optimizer.travel import ModeTimes, TravelTimes
from tests.builders import MONDAY

SHAPES = (
    "ordinary",
    "overloaded",
    "empty",
    "one_crew",
    "no_sessions",
    "no_vehicles",
    "no_members",
    "all_joint",
    "all_pinned",
    "law",
    "one_day",
    "snow",
    "holiday",
    "two_bases",
    "strict_order",
    "soft_windows",
)
ROLES = ("GP", "NURSE", "PH")
SKILLS = ("SMD_TRAINED", "TB_TRAINED", "CHILD_HEALTH")

Rng = np.random.Generator


def a_random_week(seed: int, shape: str) -> Problem:
    """A valid problem of a shape; the same seed gives the same problem."""
    rng = np.random.default_rng([seed, SHAPES.index(shape)])
    days = _days(rng, shape)
    villages = int(rng.integers(1, 5))
    homes = 0 if shape == "empty" else int(rng.integers(1, 60 if shape == "overloaded" else 22))
    sites = _sites(villages, homes)
    teams = 1 if shape == "one_crew" else int(rng.integers(1 + (shape == "all_joint"), 4))
    members = () if shape == "no_members" else _members(rng, shape, teams, days)
    sessions = () if shape in ("no_sessions", "empty") else _sessions(rng, shape, villages, teams, days)
    follow_ups = tuple(_follow_up(rng, shape, number, villages, teams, days) for number in range(homes))
    problem = Problem(
        days=days,
        sites=sites,
        teams=tuple(Team(f"t{n}", 1, _base(n, shape)) for n in range(teams)),
        members=members,
        vehicles=() if shape == "no_vehicles" else _vehicles(rng, shape, teams),
        follow_ups=follow_ups,
        sessions=sessions,
        travel=_travel(rng, len(sites)),
        parameters=Parameters(strict_order_classes=shape == "strict_order"),
    )
    return replace(problem, pins=_pins(rng, problem)) if shape == "all_pinned" else problem


def with_earlier(problem: Problem, plan: Plan) -> Problem:
    """The same week with a plan that stood before."""
    return replace(problem, earlier=plan)


def _days(rng: Rng, shape: str) -> tuple[Day, ...]:
    count = 1 if shape == "one_day" else int(rng.integers(2, 6))
    days = tuple(Day(MONDAY + timedelta(days=number), snow=shape == "snow" and number < 2) for number in range(count))
    if shape == "holiday":
        days = (replace(days[0], closed_morning=True, closed_afternoon=bool(rng.random() < 0.5)), *days[1:])
    return days


def _base(team: int, shape: str) -> str:
    return "county" if shape == "two_bases" and team == 1 else "base"


def _sites(villages: int, homes: int) -> tuple[Site, ...]:
    bases = (Site("base", SiteKind.BASE), Site("county", SiteKind.BASE))
    centres = tuple(Site(f"v{n}", SiteKind.VILLAGE, f"v{n}") for n in range(villages))
    return (*bases, *centres, *(Site(f"h{n}", SiteKind.HOUSEHOLD, f"v{n % villages}") for n in range(homes)))


def _half_days(rng: Rng, days: Sequence[Day], share: float) -> tuple[int, ...]:
    """Some of the working half-days."""
    working = [2 * number + half for number, day in enumerate(days) for half in (0, 1) if day.is_open(half)]
    return tuple(half_day for half_day in working if rng.random() < share)


def _members(rng: Rng, shape: str, teams: int, days: Sequence[Day]) -> tuple[Member, ...]:
    members = []
    for number in range(int(rng.integers(1, 3)) if shape == "one_crew" else 3 * teams):
        field = _half_days(rng, days, 0.7)
        desk = tuple(h for h in _half_days(rng, days, 0.5) if h not in field)
        team = number % teams
        until = None if rng.random() < 0.8 else days[0].date
        members.append(
            Member(
                f"m{number}",
                ROLES[number // teams % 3],
                f"t{team}",
                _base(team, shape),
                field,
                skills=tuple(Skill(code, until) for code in SKILLS if rng.random() < 0.5),
                sex="FM"[int(rng.random() < 0.4)],
                desk_half_days=desk,
                drives=("car",) if rng.random() < 0.7 else (),
                max_field_seconds_day=int(rng.integers(4, 9)) * 3600,
                max_half_days=int(rng.integers(1, 11)),
            )
        )
    return tuple(members)


def _vehicles(rng: Rng, shape: str, teams: int) -> tuple[Vehicle, ...]:
    vehicles = []
    for number in range(int(rng.integers(1, teams + 2))):
        is_car = number == 0 or rng.random() < 0.6
        tags = ("patrol_kit",) if rng.random() < 0.5 else ()
        mode, seats = ("car", 5) if is_car else ("ebike", 2)
        vehicles.append(
            Vehicle(f"c{number}", mode, seats, _base(number, shape), needs_driver=is_car, snow_ok=is_car, tags=tags)
        )
    return tuple(vehicles)


def _sessions(rng: Rng, shape: str, villages: int, teams: int, days: Sequence[Day]) -> tuple[Session, ...]:
    sessions = []
    for number in range(int(rng.integers(1, villages + 2))):
        half_days = _half_days(rng, days, 0.6) or _half_days(rng, days, 1.0)[:1]
        sessions.append(
            Session(
                f"s{number}",
                f"v{number % villages}",
                half_days,
                f"t{number % teams}",
                series=f"v{number % villages}" if rng.random() < 0.5 else "",
                needs=(StaffNeed(roles=("GP", "PH")),) if rng.random() < 0.6 else (),
                max_contacts=int(rng.integers(2, 40)),
                vehicle_tag="patrol_kit" if rng.random() < 0.2 else "",
                is_law=shape == "law",
                usual_half_day=half_days[0] if rng.random() < 0.3 else None,
            )
        )
    return tuple(sessions)


def _options(rng: Rng, shape: str) -> tuple[ChannelOption, ...]:
    """One to three channels, each with some need of staff."""
    chosen = [channel for channel in Channel if rng.random() < 0.55] or [Channel.HOME]
    if shape == "all_joint" and Channel.HOME not in chosen:
        chosen.append(Channel.HOME)
    options = []
    for channel in chosen:
        needs = []
        if rng.random() < 0.4:
            needs.append(StaffNeed(roles=(str(rng.choice(ROLES)),)))
        if rng.random() < 0.2:
            needs.append(StaffNeed(count=int(rng.integers(1, 3)), skills=(str(rng.choice(SKILLS)),)))
        if rng.random() < 0.1:
            needs.append(StaffNeed(sex="F"))
        head_count = 1 if channel is Channel.PHONE else int(rng.integers(1, 3))
        options.append(ChannelOption(channel, int(rng.integers(5, 60)) * 60, tuple(needs), head_count))
    return tuple(options)


def _windows(rng: Rng, shape: str) -> tuple[TimeWindow, ...]:
    if shape == "soft_windows" and rng.random() < 0.6:
        start = int(rng.integers(7, 15)) * 3600
        return (TimeWindow(start, start + 3600, start + 3 * 3600),)
    if rng.random() < 0.2:
        return (TimeWindow(7 * 3600, 9 * 3600 + 1800),)
    if rng.random() < 0.1:
        return (TimeWindow(10 * 3600, 11 * 3600 + 1800), TimeWindow(14 * 3600 + 1800, 17 * 3600))
    return ()


def _follow_up(rng: Rng, shape: str, number: int, villages: int, teams: int, days: Sequence[Day]) -> FollowUp:
    first, last = days[0].date, days[-1].date
    opens = first + timedelta(days=int(rng.integers(-60, len(days))))
    closes = max(opens, first + timedelta(days=int(rng.integers(-10, 28))))
    options = _options(rng, shape)
    village = f"v{number % villages}"
    medical = rng.random() < 0.1
    there: tuple[DatedWindow, ...] = ()
    if rng.random() < 0.1:
        there = tuple(DatedWindow(day.date, 8 * 3600, 12 * 3600) for day in days if rng.random() < 0.6)
    clocked = rng.random() < 0.1 and first <= closes <= last
    couples = number // 2 if rng.random() < 0.3 else number
    return FollowUp(
        f"f{number}",
        f"r{couples}" if rng.random() < 0.3 else f"p{number}",
        f"h{number}",
        "HTN_ROUTINE",
        opens,
        closes,
        closes,
        options,
        household=f"h{number}",
        hard_end=clocked or bool(rng.random() < 0.2),
        deadline_seconds=int(rng.integers(8, 18)) * 3600 if clocked else None,
        patrol_sites=(village, *([f"v{(number + 1) % villages}"] if villages > 1 and rng.random() < 0.3 else [])),
        time_windows=_windows(rng, shape),
        resident_windows=there,
        priority=int(rng.integers(0, 4)),
        order_class=(OrderClass.CLEAN, OrderClass.GENERAL, OrderClass.INFECTIOUS)[
            int(rng.choice(3, p=[0.2, 0.6, 0.2]))
        ],
        team=f"t{number % teams}" if rng.random() < 0.8 else "",
        joint=Joint((StaffNeed(),)) if _is_joint(rng, shape, options) else None,
        service_class=ServiceClass.HOME_MEDICAL if medical else ServiceClass.PUBLIC_HEALTH,
        gate=HomeMedicalGate(True, True, bool(rng.random() < 0.5)) if medical else None,
    )


def _is_joint(rng: Rng, shape: str, options: Sequence[ChannelOption]) -> bool:
    at_home = any(option.channel is Channel.HOME for option in options)
    return at_home and (shape == "all_joint" or bool(rng.random() < 0.04))


def _pins(rng: Rng, problem: Problem) -> tuple[Pin, ...]:
    """A pin for every follow-up and session; some cannot be kept."""
    pins = []
    for item in problem.follow_ups:
        channel = item.channels[int(rng.integers(len(item.channels)))].channel
        members = tuple(member.id for member in problem.members[:1]) if rng.random() < 0.3 else ()
        start = int(rng.integers(9, 16)) * 3600 if channel is Channel.HOME and rng.random() < 0.3 else None
        pins.append(Pin(item.id, channel, int(rng.integers(len(problem.days))), None, members, start))
    for session in problem.sessions:
        pins.append(Pin(session.id, half_day=session.half_days[0]))
    return tuple(pins)


def _travel(rng: Rng, sites: int) -> TravelTimes:
    """Asymmetric times between places in a square of 8 km; the county base lies 15 km away."""
    xy = rng.uniform(0, 8000, (sites, 2))
    xy[1] = (15_000, 15_000)
    metres = (np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) * 1.3).astype(np.int32)
    noise = rng.uniform(1.0, 1.2, metres.shape)
    seconds = {mode: (metres / speed * noise + 120).astype(np.int32) for mode, speed in (("car", 9.0), ("ebike", 6.0))}
    for array in (metres, *seconds.values()):
        np.fill_diagonal(array, 0)
    return TravelTimes({mode: ModeTimes(array, metres) for mode, array in seconds.items()})
