"""The demo's pending follow-ups: a pool of about 28 days with its messiness, as rows of the followups sheet.

Sized by data/demand_per_township.csv for 60,000 people. Overdue items, short recheck windows, missing coordinates,
duplicates between systems and people who are not at home are all part of it; the shares are assumptions.
"""

import csv
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from optimizer.demand.names import invent_name, invent_phone
from optimizer.demand.places import DemoPlaces, Spot
from optimizer.demand.workforce import HALF_DAYS, Rows, Workforce, team_id
from optimizer.due import DATA, FollowUpRule, follow_up_rules
from optimizer.model import Channel, ServiceClass

PEOPLE_OF_FIGURES = 60_000
WEEKS = 4
DUE_SHARE = np.array([0.07, 0.09, 0.12, 0.14, 0.58])
"""Of this week's routine items, those that close on Monday to Friday; the last with the weekend after it."""
OPEN_SHARE = {1: 0.95, 2: 0.75, 3: 0.35}
"""Of the items that close in a later week, those whose window is open by this one."""
LATER_FACTOR = 1.12
OVERDUE_SHARE = 0.47
LONG_OVERDUE_SHARE = 0.36
RECHECK_SHARE = 0.2
FLEXIBLE = {"HTN", "HTN_DM", "DM", "COPD", "DISAB", "SPFAM"}
CHRONIC = {"HTN", "HTN_DM", "DM"}
COUPLES = {"HTN", "HTN_DM", "DM", "ELD_EXAM"}
SHOWN_CODES = {"TB_FIRST", "SMD_UNST"}
"""Rare, but a demo week without them would show no 72-hour clock and no joint visit."""
SHORT_DAYS = 6
"""Windows of a rule that are no longer than this lie round their due date, whatever the week."""
EVENT_CODES = {"NB_PP", "TB_FIRST", "SMD_UNST", "NB_HR"}
"""Triggered by an event: nobody knows next week's yet."""
NOT_AT_HOME_SHARE = 0.12
MISSING_COORDINATES_SHARE = 0.08
DUPLICATE_SHARE = 0.03
WRONG_PHONE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Draw:
    """One item to be: what it is, how it is meant to be done, in which week its window closes."""

    code: str
    rule: FollowUpRule
    channel: Channel
    week: int


@dataclass(slots=True)
class Population:
    """Residents met so far, so that couples and people with two diseases come about."""

    places: DemoPlaces
    rng: np.random.Generator
    homes_of: list[NDArray[np.int64]] = field(default_factory=list)
    weight: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    met: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)
    """By village: home, person in it, rule."""
    people: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    no_place: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        village = self.places.homes.village
        self.homes_of = [np.flatnonzero(village == v) for v in range(len(self.places.villages))]
        persons = np.array([self.places.homes.persons[homes].sum() for homes in self.homes_of], dtype=np.float64)
        self.weight = persons / persons.sum()
        missing = self.rng.random(len(village)) < MISSING_COORDINATES_SHARE
        self.no_place = set(np.flatnonzero(missing).tolist())

    def draw(self, draw: Draw) -> tuple[int, int, int]:
        """Village, home and person for an item: somebody new, a spouse of somebody known, or the same person."""
        village = int(self.rng.choice(len(self.weight), p=self.weight))
        known = self.met.setdefault(village, [])
        home = int(self.rng.choice(self.homes_of[village]))
        person = int(self.rng.integers(self.places.homes.persons[home]))
        if known and draw.code in COUPLES and self.rng.random() < 0.26:
            other, who, rule = known[int(self.rng.integers(len(known)))]
            if self.rng.random() < 0.75 and self.places.homes.persons[other] > 1:
                home, person = other, (who + 1) % int(self.places.homes.persons[other])
            elif rule != draw.rule.code:
                home, person = other, who
        if any(entry == (home, person, draw.rule.code) for entry in known):
            return self.draw(draw)
        known.append((home, person, draw.rule.code))
        return village, home, person

    def describe(self, home: int, person: int) -> tuple[str, str]:
        """Name and phone number of a resident."""
        if (home, person) not in self.people:
            self.people[home, person] = invent_name(self.rng), invent_phone(self.rng, WRONG_PHONE_SHARE)
        return self.people[home, person]


def invent_follow_ups(places: DemoPlaces, force: Workforce, monday: date, rng: np.random.Generator) -> Rows:
    """The rows, in the order of their due dates."""
    population = Population(places, rng)
    rows = [_row(draw, population, force, monday) for draw in _draws(places.people, rng)]
    rows += _duplicates(rows, rng)
    rows.sort(key=lambda row: (row["due"], row["site"], row["resident"], row["rule"], row["source"]))
    return [{"id": f"F{number:05d}", **row} for number, row in enumerate(rows, start=1)]


def _draws(people: int, rng: np.random.Generator) -> list[Draw]:
    """What falls due in the four weeks, by code, channel and week (Poisson around the figures)."""
    draws: list[Draw] = []
    with (DATA / "demand_per_township.csv").open(encoding="utf-8", newline="") as file:
        for figures in csv.DictReader(file):
            share = people / PEOPLE_OF_FIGURES * float(figures["demo_percent"]) / 100
            for channel, column in ((Channel.HOME, "home"), (Channel.PATROL, "site"), (Channel.PHONE, "phone")):
                for week in range(WEEKS):
                    mean = float(figures[f"{column}_week"]) * share * (LATER_FACTOR if week else 1)
                    if week and channel is not Channel.PATROL and figures["code"] in EVENT_CODES:
                        continue
                    count = int(rng.poisson(mean))
                    if figures["code"] in SHOWN_CODES and channel is Channel.HOME and not week and share >= 1 / 3:
                        count = max(1, count)
                    draws += [_draw(figures, channel, week, rng) for _ in range(count)]
    return draws


def _draw(figures: dict[str, str], channel: Channel, week: int, rng: np.random.Generator) -> Draw:
    code = figures["rule"]
    if figures["recheck_rule"] and rng.random() < RECHECK_SHARE and channel is not Channel.PHONE:
        code = figures["recheck_rule"]
    if figures["code"] == "SMD_UNST" and channel is not Channel.HOME:
        code = "SMD_BASIC"
    return Draw(figures["code"], follow_up_rules()[code], channel, week)


def _row(draw: Draw, population: Population, force: Workforce, monday: date) -> dict[str, str]:
    rng, places = population.rng, population.places
    village, home, person = population.draw(draw)
    site: Spot = places.villages[village]
    if draw.channel is Channel.PATROL and draw.code in CHRONIC and places.communities and rng.random() < 0.06:
        site = places.communities[int(rng.integers(len(places.communities)))]
    name, phone = population.describe(home, person)
    is_missing = home in population.no_place
    was_out = draw.rule.priority >= 2 and rng.random() < NOT_AT_HOME_SHARE
    earliest, due, latest = _window(draw, monday, rng)
    channels = _channels(draw, was_out=was_out, rng=rng)
    return {
        "resident": f"R{places.homes.id[home].lstrip('H')}{person + 1}",
        "name": name,
        "phone": phone,
        "address": f"{places.villages[village].name}{int(rng.integers(1, 400))}号",
        "household": places.homes.id[home],
        "site": site.id,
        "latitude": "" if is_missing else f"{places.homes.latitude[home]:.6f}",
        "longitude": "" if is_missing else f"{places.homes.longitude[home]:.6f}",
        "rule": draw.rule.code,
        "earliest": earliest.isoformat(),
        "due": due.isoformat(),
        "latest": latest.isoformat(),
        "deadline": f"{int(rng.integers(9, 17)):02d}:30" if draw.rule.clock_hours else "",
        "channels": " ".join(channels),
        "phone_minutes": "8" if Channel.PHONE in channels and not draw.rule.find_option(Channel.PHONE) else "",
        "patrol_needs": _specialist(draw, rng),
        "resident_times": _times(draw, rng),
        "team": team_id(int(force.village_team[village])),
        "preferred": _preferred(draw, force, village, rng),
        **_gate(draw, rng),
        "contract_end": _contract_end(monday, rng),
        "source": "签约系统",
        "status": "missed" if was_out else "done" if rng.random() < 0.005 else "due",
    }


def _window(draw: Draw, monday: date, rng: np.random.Generator) -> tuple[date, date, date]:
    """Earliest, due and latest date."""
    rule = draw.rule
    if rule.clock_hours:
        notice = monday + timedelta(days=int(rng.integers(-1, 3)))
        latest = notice + timedelta(hours=rule.clock_hours)
        return notice, latest, latest
    if 0 < rule.before_days + rule.after_days <= SHORT_DAYS:
        due = monday + timedelta(days=7 * draw.week + int(rng.integers(5)))
        return due - timedelta(days=rule.before_days), due, due + timedelta(days=rule.after_days)
    if draw.week == 0:
        return _window_now(rule, monday, rng)
    latest = monday + timedelta(days=7 * draw.week + int(rng.integers(7)))
    is_open = rng.random() < OPEN_SHARE[draw.week] * (0.5 if rule.priority <= 1 else 1.0)
    opens = int(rng.integers(-12, 5)) if is_open else int(rng.integers(7, 7 * draw.week + 1))
    earliest = min(monday + timedelta(days=opens), latest)
    return earliest, _due(rule, earliest, latest), latest


def _window_now(rule: FollowUpRule, monday: date, rng: np.random.Generator) -> tuple[date, date, date]:
    """A window that closes this week, or has closed already."""
    if rule.priority == 0:
        latest = monday + timedelta(days=int(rng.integers(1, 5)))
        return latest - timedelta(days=max(4, rule.before_days - 2)), latest, latest
    if rule.priority == 1:
        latest = monday + timedelta(days=int(rng.integers(5)))
        return latest - timedelta(days=int(rng.integers(1, 4))), latest, latest
    if rng.random() < OVERDUE_SHARE:
        is_long = rng.random() < LONG_OVERDUE_SHARE
        late = int(rng.integers(61, 121)) if is_long else 1 + min(59, int(rng.exponential(14)))
        latest = monday - timedelta(days=late)
        return latest - timedelta(days=30), latest - timedelta(days=15), latest
    day = int(rng.choice(5, p=DUE_SHARE))
    latest = monday + timedelta(days=day if day < 4 else int(rng.integers(4, 7)))
    opens = int(rng.integers(0, min(day, 3) + 1)) if rng.random() < 0.15 else -int(rng.integers(1, 25))
    earliest = monday + timedelta(days=opens)
    return earliest, _due(rule, earliest, latest), latest


def _due(rule: FollowUpRule, earliest: date, latest: date) -> date:
    """The due date: as many days before the end as the rule gives, but inside the window."""
    return max(earliest, latest - timedelta(days=rule.after_days))


def _channels(draw: Draw, *, was_out: bool, rng: np.random.Generator) -> list[Channel]:
    """The allowed ways: the one meant, and others where the resident's case allows them."""
    rule, channels = draw.rule, [draw.channel]
    if draw.rule.find_option(draw.channel) is None and draw.channel is not Channel.PHONE:
        channels = [rule.options[0].channel]
    is_home, is_patrol = Channel.HOME in channels, Channel.PATROL in channels
    if is_home and draw.code in FLEXIBLE and rng.random() < 0.45:
        channels.append(Channel.PATROL)
    if is_patrol and rule.priority == 1 and rule.find_option(Channel.HOME):
        channels.append(Channel.HOME)
    elif was_out and is_patrol and draw.code in FLEXIBLE:
        channels.append(Channel.HOME if rng.random() < 0.6 else Channel.PHONE)
    elif was_out and is_home and rule.service_class is ServiceClass.PUBLIC_HEALTH and draw.code in FLEXIBLE:
        channels.append(Channel.PHONE)
    return list(dict.fromkeys(channels))


def _specialist(draw: Draw, rng: np.random.Generator) -> str:
    """Some diabetes follow-ups at a session want the internist there (review of medication)."""
    wants = draw.code in {"HTN_DM", "DM"} and draw.channel is Channel.PATROL and draw.week == 0
    return "1 INTERNIST" if wants and draw.rule.priority == 2 and rng.random() < 0.12 else ""


def _times(draw: Draw, rng: np.random.Generator) -> str:
    """When a resident who works is there."""
    if draw.channel is not Channel.HOME or draw.rule.priority == 0 or rng.random() > 0.04:
        return ""
    return ", ".join(HALF_DAYS[int(h)] for h in np.sort(rng.choice(len(HALF_DAYS), size=4, replace=False)))


def _preferred(draw: Draw, force: Workforce, village: int, rng: np.random.Generator) -> str:
    """A member of the contract team whom the resident knows."""
    if draw.channel is not Channel.HOME or rng.random() > 0.2:
        return ""
    team = team_id(int(force.village_team[village]))
    own = [row["id"] for row in force.members if row["team"] == team]
    return own[int(rng.integers(len(own)))]


def _gate(draw: Draw, rng: np.random.Generator) -> dict[str, str]:
    """The conditions of home medical care, not always fulfilled."""
    if draw.rule.service_class is not ServiceClass.HOME_MEDICAL:
        return {"assessed": "", "consented": "", "carer": ""}
    shares = {"assessed": 0.9, "consented": 0.9, "carer": 0.85}
    if draw.rule.priority == 0:  # nobody leaves the paperwork of a dying person undone
        shares = dict.fromkeys(shares, 1.0)
    return {key: "yes" if rng.random() < share else "no" for key, share in shares.items()}


def _contract_end(monday: date, rng: np.random.Generator) -> str:
    """Most contracts run on; a few have ended."""
    ended = rng.random() < 0.004
    days = -int(rng.integers(1, 60)) if ended else int(rng.integers(30, 700))
    return (monday + timedelta(days=days)).isoformat() if ended or rng.random() < 0.85 else ""


def _duplicates(rows: Rows, rng: np.random.Generator) -> Rows:
    """The same items once more from another system, a day or two apart."""
    chosen = np.flatnonzero(rng.random(len(rows)) < DUPLICATE_SHARE)
    copies = []
    for place in chosen:
        row = dict(rows[int(place)])
        due, latest = date.fromisoformat(row["due"]), date.fromisoformat(row["latest"])
        later = timedelta(days=int(rng.integers(0, 3)))
        copies.append(row | {"due": due.isoformat(), "latest": (latest + later).isoformat(), "source": "慢病系统"})
    return copies
