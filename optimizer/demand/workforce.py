"""The demo township's teams, members, vehicles and patrol sessions, as rows of the folder's sheets.

Sizes follow the roster study: 12 teams and about 42 clinicians for 60,000 people, 53 sessions for 45 villages and 6
functional communities. All are assumptions of the demo.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.demand.names import invent_name, invent_phone
from optimizer.demand.places import DemoPlaces, Spot

Rows = list[dict[str, str]]
PEOPLE_PER_TEAM = 5000
HALF_DAYS = tuple(f"{day} {half}" for day in ("Mon", "Tue", "Wed", "Thu", "Fri") for half in ("AM", "PM"))
MORNING_LIKING = np.array([1.3, 0.8] * 5) / 10.5
PEOPLE_PER_SESSION, MOST_SESSIONS = 3500, 3
"""A large village, such as a county seat's, is visited more than once a week."""
COUNTY_TEAM = "T90"
LEAD = "1 GP/TCM_GP/ASSISTANT_GP/PH"
DOCTOR = "1 GP/TCM_GP/ASSISTANT_GP"


@dataclass(frozen=True, slots=True)
class Workforce:
    """Rows of the sheets, and which team (by number) looks after which village and community."""

    teams: Rows
    members: Rows
    vehicles: Rows
    village_team: NDArray[np.int64]
    community_team: NDArray[np.int64]
    free: NDArray[np.int64]
    """Members of each team there on each half-day, shape (teams, 10)."""


def team_id(number: int) -> str:
    """Id of a team."""
    return f"T{number + 1:02d}"


def invent_workforce(places: DemoPlaces, rng: np.random.Generator) -> Workforce:
    """Teams over contiguous villages, their people, the specialists on offer, and the vehicles."""
    count = max(1, round(places.people / PEOPLE_PER_TEAM))
    village_team = _territories(places, count)
    members: Rows = []
    free = np.zeros((count, len(HALF_DAYS)), dtype=np.int64)
    half_days = rng.permutation(np.resize([3, 2, 3, 4], count))
    sizes = rng.permutation(np.resize([3, 4], count))
    for team in range(count):
        members += _team_members((team, int(sizes[team]), int(half_days[team])), len(members), free, rng)
    _make_sure(members)
    teams = [_team(places, village_team, team) for team in range(count)]
    teams.append({"id": COUNTY_TEAM, "name": "县级专科支援团队", "level": "3", "base": places.base.id})
    members += _specialists(len(members), rng)
    nearest = [int(village_team[_nearest(places.villages, spot)]) for spot in places.communities]
    return Workforce(teams, members, _vehicles(places, count), village_team, np.array(nearest, dtype=np.int64), free)


def _territories(places: DemoPlaces, teams: int) -> NDArray[np.int64]:
    """The team of every village: round the base by angle, with about the same number of people each."""
    base, villages = places.base, places.villages
    angle = [np.arctan2(v.latitude - base.latitude, v.longitude - base.longitude) for v in villages]
    order = np.argsort(angle, kind="stable")
    people = np.array([max(1, villages[int(v)].people) for v in order], dtype=np.float64)
    middle = (np.cumsum(people) - people / 2) / people.sum()
    team = np.zeros(len(villages), dtype=np.int64)
    team[order] = np.minimum((middle * teams).astype(np.int64), teams - 1)
    return team


def _nearest(villages: tuple[Spot, ...], spot: Spot) -> int:
    return min(
        range(len(villages)),
        key=lambda v: (
            (villages[v].latitude - spot.latitude) ** 2 + 0.65 * (villages[v].longitude - spot.longitude) ** 2
        ),
    )


def _team(places: DemoPlaces, village_team: NDArray[np.int64], team: int) -> dict[str, str]:
    own = np.flatnonzero(village_team == team)
    name = places.villages[int(own[0])].name.removesuffix("村") if len(own) else "机动"
    return {"id": team_id(team), "name": f"{name}网格团队", "level": "1", "base": places.base.id}


def _team_members(wanted: tuple[int, int, int], known: int, free: NDArray[np.int64], rng: np.random.Generator) -> Rows:
    """Three or four people who mostly go out on the same two to four half-days; `wanted`: team, people, half-days."""
    team, size, count = wanted
    fourth = "GP" if rng.random() < 0.4 else "NURSE"
    roles = ["GP", "NURSE", "PH", fourth][:size]
    common = rng.choice(len(HALF_DAYS), size=count, replace=False, p=MORNING_LIKING)
    rows = []
    for place, role in enumerate(roles):
        there = np.zeros(len(HALF_DAYS), dtype=bool)
        there[common] = True
        for half_day in common:
            if rng.random() < 0.15:
                there[half_day] = False
                there[int(rng.integers(len(HALF_DAYS)))] = True
        free[team] += there
        desk = rng.permutation(np.flatnonzero(~there))[:2]
        rows.append(_member(f"M{known + place + 1:03d}", team_id(team), role, there, desk, rng))
    rows[0]["drives"] = "car ebike"  # somebody in every team can take any vehicle
    return rows


def _member(
    name: str, team: str, role: str, there: NDArray[np.bool_], desk: NDArray[np.int64], rng: np.random.Generator
) -> dict[str, str]:
    is_woman = rng.random() < {"NURSE": 0.95, "GP": 0.4, "PH": 0.5}[role]
    skills = []
    if rng.random() < (0.45 if role in {"PH", "GP"} else 0.15):
        skills.append("SMD_TRAINED")
    if rng.random() < (0.6 if role == "PH" else 0.1):
        skills.append("TB_TRAINED")
    if rng.random() < (0.5 if role == "NURSE" else 0.12):
        skills += ["NEWBORN:2027-12-31", "POSTPARTUM", "ANTENATAL", "CHILD_HEALTH"]
    if rng.random() < (0.3 if role == "GP" else 0.05):
        skills.append("TCM_ID")
    drives = (["car"] if rng.random() < (0.4 if role == "NURSE" else 0.65) else []) + (
        ["ebike"] if rng.random() < 0.9 else []
    )
    return {
        "id": name,
        "name": invent_name(rng),
        "phone": invent_phone(rng),
        "role": role,
        "team": team,
        "sex": "F" if is_woman else "M",
        "skills": " ".join(skills),
        "field": ", ".join(HALF_DAYS[int(h)] for h in np.flatnonzero(there)) or "none",
        "desk": ", ".join(HALF_DAYS[int(h)] for h in np.sort(desk)) or "none",
        "drives": " ".join(drives),
        "max_field_minutes": "420",
        "max_half_days": "",
        "fair_half_days": "",
    }


def _make_sure(members: Rows) -> None:
    """At least two people trained for the special follow-ups, and one woman for newborns, even in a tiny township."""
    for skill, least in (("SMD_TRAINED", 2), ("TB_TRAINED", 1)):
        having = sum(skill in row["skills"] for row in members)
        for row in [row for row in members if skill not in row["skills"]][: max(0, least - having)]:
            row["skills"] = f"{row['skills']} {skill}".strip()
    if not any("NEWBORN" in row["skills"] and row["sex"] == "F" for row in members):
        row = next((row for row in members if row["role"] == "NURSE"), members[0])
        row["skills"] = f"{row['skills']} NEWBORN:2027-12-31 POSTPARTUM ANTENATAL CHILD_HEALTH".strip()
        row["sex"] = "F"


def _specialists(known: int, rng: np.random.Generator) -> Rows:
    """A psychiatrist and an internist of the county hospital, each on offer for a few half-days."""
    rows = []
    for place, (role, offers, most) in enumerate((("PSYCHIATRIST", 3, 2), ("INTERNIST", 4, 2))):
        there = np.zeros(len(HALF_DAYS), dtype=bool)
        there[2 * rng.choice(5, size=offers, replace=False)] = True
        if role == "PSYCHIATRIST":
            there[np.flatnonzero(there)[0] + 1] = True  # one whole day, so that far homes can be reached
        rows.append(
            {
                "id": f"M{known + place + 1:03d}",
                "name": invent_name(rng),
                "phone": invent_phone(rng),
                "role": role,
                "team": COUNTY_TEAM,
                "sex": "F" if rng.random() < 0.5 else "M",
                "skills": "SMD_TRAINED" if role == "PSYCHIATRIST" else "PRESCRIBE",
                "field": ", ".join(HALF_DAYS[int(h)] for h in np.flatnonzero(there)),
                "desk": "none",
                "drives": "car",
                "max_field_minutes": "420",
                "max_half_days": str(most),
                "fair_half_days": str(most),
            }
        )
    return rows


def _vehicles(places: DemoPlaces, teams: int) -> Rows:
    """Cars and e-trikes of the township hospital, and one or two vehicles with the patrol kit."""
    few = max(1, round(teams * 0.4))
    kinds = [("小轿车", "car", 5, "")] * few + [("电动三轮", "ebike", 2, "")] * few
    kinds += [("巡诊车", "car", 5, "patrol_kit")] * (2 if teams >= 8 else 1)
    return [
        {
            "id": f"C{number:02d}",
            "name": f"{name}{number}号",
            "mode": mode,
            "seats": str(seats),
            "base": places.base.id,
            "needs_driver": "yes",
            "snow_ok": "yes" if mode == "car" else "no",
            "equipment": kit,
        }
        for number, (name, mode, seats, kit) in enumerate(kinds, start=1)
    ]


def invent_sessions(places: DemoPlaces, force: Workforce, rng: np.random.Generator) -> Rows:
    """One patrol half-day a week for every village, two where there is no clinic, one for each community."""
    order = np.argsort([village.people for village in places.villages], kind="stable")
    small = set(order[: round(len(places.villages) * 8 / 45)].tolist())
    rows = []
    for place, village in enumerate(places.villages):
        team = int(force.village_team[place])
        if not village.has_clinic:
            rows.append(_session(village, team, HALF_DAYS, DOCTOR, 1000) | {"times": "2"})
            continue
        allowed = tuple(h for n, h in enumerate(HALF_DAYS) if n % 2 == 0 or rng.random() < 0.6)
        fixed = _half_day_of(force, team, rng) if rng.random() < 0.2 else ""
        row = _session(village, team, (fixed,) if fixed else allowed, LEAD, 60 if place in small else 600)
        row["usual"] = fixed or (allowed[int(rng.integers(len(allowed)))] if rng.random() < 0.3 else "")
        row["times"] = "1" if fixed else str(max(1, min(MOST_SESSIONS, village.people // PEOPLE_PER_SESSION)))
        row["equipment"] = "patrol_kit" if rng.random() < 0.25 else ""
        rows.append(row)
    for place, community in enumerate(places.communities):
        team = int(force.community_team[place])
        first = int(rng.integers(len(HALF_DAYS)))
        half_days = {HALF_DAYS[first], HALF_DAYS[(first + 2) % 10], _half_day_of(force, team, rng)} - {""}
        rows.append(_session(community, team, tuple(h for h in HALF_DAYS if h in half_days), DOCTOR, 800))
    return [{"id": f"S{number:02d}", **row} for number, row in enumerate(rows, start=1)]


def _half_day_of(force: Workforce, team: int, rng: np.random.Generator) -> str:
    """A half-day on which at least two of the team are there, or "" when there is none."""
    good = np.flatnonzero(force.free[team] >= 2)
    return HALF_DAYS[int(rng.choice(good))] if len(good) else ""


def _session(site: Spot, team: int, half_days: tuple[str, ...], needs: str, weight_minutes: int) -> dict[str, str]:
    return {
        "site": site.id,
        "times": "1",
        "half_days": ", ".join(half_days),
        "usual": "",
        "team": team_id(team),
        "minutes": "180",
        "needs": needs,
        "min_members": "2",
        "max_members": "3",
        "net_minutes": "170",
        "max_contacts": "60",
        "equipment": "",
        "law": "no",
        "weight_minutes": str(weight_minutes),
    }
