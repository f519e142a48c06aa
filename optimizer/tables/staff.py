"""The teams, members and vehicles sheets."""

import re
from dataclasses import dataclass, field

from optimizer.calendar import HALVES_PER_DAY
from optimizer.due import SKILLS, NotationError
from optimizer.model import Member, SiteKind, Skill, Team, Vehicle
from optimizer.tables.cells import SPLIT, Row, unique_ids
from optimizer.tables.draft import Labels, Person
from optimizer.tables.half_days import parse_date, parse_half_days
from optimizer.tables.places import Places
from optimizer.tables.privacy import judge_ids
from optimizer.tables.settings import Settings
from optimizer.tables.words import closest, find_word, list_words
from optimizer.weights import MINUTE

TWO_WHEELS = ("ebike", "escooter", "bicycle")
HALF_DAY_ADVICE = ("半天写作 周一上午、周三、2026-11-25下午", "write half-days as Mon AM, Wed, 2026-11-25 PM")


@dataclass(slots=True)
class Staff:
    """Teams, members and vehicles read so far, with their rows; the sets have also the ids of faulty rows."""

    teams: list[Team] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    vehicles: list[Vehicle] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=lambda: {"teams": [], "members": [], "vehicles": []})
    team_ids: set[str] = field(default_factory=set)
    member_ids: set[str] = field(default_factory=set)


def read_staff(sheets: dict[str, list[Row]], places: Places, settings: Settings, labels: Labels) -> Staff:
    """Everyone and everything that can go out."""
    staff = Staff()
    bases = places.ids(SiteKind.BASE)
    teams = list(unique_ids(sheets["teams"]))
    staff.team_ids = {row.text("id") for row in teams}
    for row in teams:
        labels.teams[row.text("id")] = row.text("name") or row.text("id")
        base = row.reference("base", bases)
        if base:
            staff.teams.append(Team(row.text("id"), int(row.choice("level", "levels", "1")), base))
            staff.rows["teams"].append(row)
    judge_ids(sheets["members"])
    _read_members(list(unique_ids(sheets["members"])), staff, bases, settings, labels)
    for row in unique_ids(sheets["vehicles"]):
        labels.vehicles[row.text("id")] = row.text("name") or row.text("id")
        vehicle = _vehicle(row, bases)
        if vehicle is not None:
            staff.vehicles.append(vehicle)
            staff.rows["vehicles"].append(row)
    return staff


def _read_members(rows: list[Row], staff: Staff, bases: set[str], settings: Settings, labels: Labels) -> None:
    base_of = {team.id: team.base for team in staff.teams}
    staff.member_ids = {row.text("id") for row in rows}
    for row in rows:
        labels.members[row.text("id")] = Person(row.text("name") or row.text("id"), row.text("phone"))
        member = _member(row, staff.team_ids, base_of, bases, settings)
        if member is not None:
            staff.members.append(member)
            staff.rows["members"].append(row)


def _member(row: Row, teams: set[str], base_of: dict[str, str], bases: set[str], settings: Settings) -> Member | None:
    """One person, or None where team or base are unknown."""
    team = row.reference("team", teams)
    base = row.reference("base", bases) if row.text("base") else base_of.get(team, "")
    field_half_days = half_days(row, "field", settings)
    desk_half_days = half_days(row, "desk", settings)
    most = len(settings.days) * HALVES_PER_DAY
    member = Member(
        id=row.text("id"),
        role=row.choice("role", "roles", ""),
        team=team,
        base=base,
        field_half_days=field_half_days,
        skills=_skills(row),
        sex=row.choice("sex", "sexes", ""),
        desk_half_days=tuple(h for h in desk_half_days if h not in field_half_days),
        drives=row.choices("drives", "modes"),
        max_field_seconds_day=row.whole("max_field_minutes", 0, 1440, settings.max_field_seconds // MINUTE) * MINUTE,
        max_half_days=row.whole("max_half_days", 0, 14, 14),
        fair_half_days=row.whole("fair_half_days", 0, 14, min(settings.fair_half_days, max(most, 1))),
    )
    return member if team and base and member.role else None


def half_days(row: Row, key: str, settings: Settings) -> tuple[int, ...]:
    """The half-days that a cell names."""
    none: tuple[int, ...] = ()
    return row.parsed(key, lambda text: parse_half_days(text, settings.days), none, HALF_DAY_ADVICE)


def _skills(row: Row) -> tuple[Skill, ...]:
    """Skills such as "精防培训 采血:2027-06-30"."""
    skills = []
    for word in (word for word in SPLIT.split(row.text("skills")) if word):
        name, _, until = re.sub("：", ":", word).partition(":")
        code = find_word("skills", name)
        if code is None:
            near = closest(name, [*list_words("skills"), *SKILLS])
            zh = f"是否应为“{near}”？" if near else "可填：" + "、".join(list_words("skills"))
            row.fault("UNKNOWN_WORD", "skills", f"“{name}”{zh}", f"should {name!r} be {near or 'one of the skills'}?")
            continue
        try:
            skills.append(Skill(code, parse_date(until) if until else None))
        except NotationError:
            row.fault("NOTATION", "skills", "有效期写作 采血:2027-06-30", "write the last day as ECG:2027-06-30")
    return tuple(skills)


def _vehicle(row: Row, bases: set[str]) -> Vehicle | None:
    mode = row.choice("mode", "modes", "")
    seats = row.whole("seats", 1, 60, 1)
    base = row.reference("base", bases)
    needs_driver = row.yes("needs_driver", default=mode != "foot")
    snow_ok = row.yes("snow_ok", default=mode not in TWO_WHEELS)
    if not (mode and base):
        return None
    return Vehicle(row.text("id"), mode, seats, base, needs_driver, snow_ok, row.words("equipment"))
