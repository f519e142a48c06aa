"""Seeded invented townships of any size for the roster's tests: villages in a disc, teams, sessions, follow-ups.

Invented from the shares of a township of 60,000; small ones keep the shares.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from optimizer.calendar import Day
from optimizer.model import (
    Channel,
    ChannelOption,
    FollowUp,
    Member,
    Session,
    Site,
    SiteKind,
    Skill,
    StaffNeed,
    Team,
    TimeWindow,
    Vehicle,
)
from optimizer.problem import Problem
from optimizer.travel import ModeTimes, TravelTimes

MONDAY = date(2026, 11, 23)
DAYS = 5
GP = StaffNeed(roles=("GP",))
LEAD = StaffNeed(roles=("GP", "PH"))
TWO_TRAINED = StaffNeed(count=2, skills=("SMD",))
INTERNIST = StaffNeed(roles=("INTERNIST",))
FASTING = (TimeWindow(7 * 3600, 9 * 3600 + 1800),)
DUE_SHARES = (0.07, 0.09, 0.12, 0.14, 0.58)
KMH = {"car": 32.0, "ebike": 25.0}
CIRCUITY = 1.35


@dataclass(frozen=True, slots=True)
class Size:
    """How large: follow-ups due this week, those that are open longer, and what is there to do them."""

    villages: int = 45
    teams: int = 12
    due: int = 920
    later: int = 1600
    half_days: int = 3


TOWNSHIP = Size()
HAMLETS = Size(villages=6, teams=2, due=50, later=30, half_days=3)


class _Making:
    """A township in the making."""

    def __init__(self, seed: int, size: Size) -> None:
        self.rng = np.random.default_rng(seed)
        self.size = size
        self.points = self._villages()
        angle = np.arctan2(self.points[:, 1], self.points[:, 0])
        self.points = self.points[np.argsort(angle)]
        self.people = np.clip(self.rng.lognormal(7, 0.55, size.villages), 200, 3500)
        self.team_of = np.minimum(np.arange(size.villages) * size.teams // size.villages, size.teams - 1)
        self.sites = [Site("base", SiteKind.BASE)]
        self.sites += [Site(f"v{n}", SiteKind.VILLAGE, f"v{n}") for n in range(size.villages)]
        self.places = [np.zeros(2), *self.points]

    def _villages(self) -> NDArray[np.float64]:
        radius = np.sqrt(self.size.villages)
        points: list[NDArray[np.float64]] = []
        while len(points) < self.size.villages:
            point = self.rng.uniform(-radius, radius, 2)
            if np.hypot(*point) <= radius and all(np.hypot(*(point - other)) > 1 for other in points):
                points.append(point)
        return np.array(points)

    def members(self) -> tuple[Member, ...]:
        """Three or four per team, who mostly go out on the same half-days, and two internists on offer."""
        members = []
        for team in range(self.size.teams):
            together = self.rng.choice(2 * DAYS, self.size.half_days, replace=False, p=np.tile([0.12, 0.08], DAYS))
            for number, role in enumerate(("GP", "NURSE", "PH", "NURSE")[: 3 + int(self.rng.random() < 0.5)]):
                out = tuple(sorted(int(h) for h in together))
                trained = self.rng.random() < (0.45 if role != "NURSE" else 0.15)
                desk = tuple(h for h in range(2 * DAYS) if h not in out)
                drives = ("car", "ebike") if role != "NURSE" else ("ebike",)
                skills = (Skill("SMD"),) if trained else ()
                members.append(Member(f"m{team}.{number}", role, f"t{team}", "base", out, skills, "F", desk, drives))
        for number in range(2):
            members.append(
                Member(f"i{number}", "INTERNIST", "t0", "base", (0, 4, 8), drives=("ebike",), max_half_days=1)
            )
        return tuple(members)

    def sessions(self) -> tuple[Session, ...]:
        """One in every village, two in some; a fifth has a fixed time, a quarter needs the kit."""
        sessions = []
        for village in range(self.size.villages):
            twice = village % 20 == 7
            for number in range(1 + twice):
                free = tuple(h for h in range(2 * DAYS) if h % 2 == 0 or self.rng.random() < 0.6)
                fixed = (int(self.rng.integers(2 * DAYS)),)
                small = village % 6 == 5
                sessions.append(
                    Session(
                        f"s{village}.{number}",
                        f"v{village}",
                        fixed if self.rng.random() < 0.2 else free,
                        f"t{self.team_of[village]}",
                        f"series{village}" if twice else "",
                        needs=(LEAD,),
                        vehicle_tag="kit" if self.rng.random() < 0.25 else "",
                        weight=60 * (60 if small else 600),
                    )
                )
        return tuple(sessions)

    def follow_up(self, number: int, *, is_due: bool) -> FollowUp:
        """A home visit, or something for a session."""
        rng = self.rng
        village = int(rng.choice(self.size.villages, p=self.people / self.people.sum()))
        is_home = rng.random() < (0.17 if is_due else 0.03)
        day = int(rng.choice(DAYS, p=DUE_SHARES)) if is_due else 4 + int(rng.integers(3, 25))
        priority = int(rng.choice(4, p=(0.02, 0.15, 0.7, 0.13) if is_due else (0, 0, 0.8, 0.2)))
        earliest = MONDAY + timedelta(days=max(0, day - int(rng.integers(2, 5)))) if priority <= 1 else MONDAY
        latest = MONDAY + timedelta(days=day)
        if is_due and priority >= 2 and rng.random() < 0.3:
            latest -= timedelta(days=day + int(rng.integers(1, 6)))
            earliest = latest - timedelta(days=7)
        channels, fasting = self._ways(is_home, priority)
        site = f"v{village}"
        if channels[0].channel is Channel.HOME or len(channels) > 1:
            site = f"h{number}"
            self.sites.append(Site(site, SiteKind.HOUSEHOLD, f"v{village}"))
            self.places.append(self.points[village] + rng.normal(0, 0.25, 2))
        near = np.argsort(((self.points - self.points[village]) ** 2).sum(axis=1))[:4]
        return FollowUp(
            f"f{number}",
            f"r{number}",
            site,
            "RULE",
            earliest,
            earliest,
            latest,
            channels,
            patrol_sites=() if is_home else tuple(f"v{n}" for n in near),
            time_windows=FASTING if fasting else (),
            priority=priority,
            team=f"t{self.team_of[village]}",
        )

    def _ways(self, is_home: bool, priority: int) -> tuple[tuple[ChannelOption, ...], bool]:
        """Channels, and whether it is a fasting check."""
        rng = self.rng
        if is_home:
            needs = ((), (TWO_TRAINED,), (GP,))[int(rng.choice(3, p=(0.6, 0.25, 0.15)))]
            return (ChannelOption(Channel.HOME, int(rng.choice((20, 30, 40))) * 60, needs),), False
        special = rng.random()
        needs = (INTERNIST,) if special < 0.03 else (GP,) if special < 0.2 else ()
        patrol = ChannelOption(Channel.PATROL, int(rng.choice((8, 10, 15))) * 60, needs)
        if priority <= 1 and rng.random() < 0.7:
            return (ChannelOption(Channel.HOME, 1500, needs), patrol), False
        return (patrol,), bool(rng.random() < 0.25)

    def travel(self) -> TravelTimes:
        """Crow-flight times circuity, by mode, with two minutes for every start."""
        points = np.array(self.places)
        metres = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2)) * CIRCUITY * 1000
        moving = metres > 0
        return TravelTimes({mode: ModeTimes(metres / (kmh / 3.6) + 120 * moving, metres) for mode, kmh in KMH.items()})


def a_township(seed: int = 1, size: Size = HAMLETS) -> Problem:
    """An invented township's week."""
    making = _Making(seed, size)
    follow_ups = [making.follow_up(n, is_due=n < size.due) for n in range(size.due + size.later)]
    cars = max(1, size.teams // 2)
    vehicles = [Vehicle(f"c{n}", "car", 5, "base", tags=("kit",) if n < 2 else ()) for n in range(cars)]
    vehicles += [Vehicle(f"e{n}", "ebike", 3, "base") for n in range(size.teams)]
    return Problem(
        days=tuple(Day(MONDAY + timedelta(days=n)) for n in range(DAYS)),
        sites=tuple(making.sites),
        teams=tuple(Team(f"t{n}", 1, "base") for n in range(size.teams)),
        members=making.members(),
        vehicles=tuple(vehicles),
        follow_ups=tuple(follow_ups),
        sessions=making.sessions(),
        travel=making.travel(),
    )
