"""The records of an invented township in canonical form: the demo's follow-ups with people, contracts and places.

Nothing here is real: phone numbers are not given out, identity numbers keep the form with a wrong check sign.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from api.contract.cells import Json
from api.contract.numbers import has_check_sign
from api.contract.reading import OWN_COLUMNS
from api.contract.vendors import RuleChoice, get_vendor
from optimizer.due import follow_up_rules

Row = Mapping[str, str]
STATUS_NUMBERS = {"due": 0, "done": 1, "lost": 2, "missed": 3, "over": 8}
SOURCE = "签约系统"
"""The demo's backlog knows other systems too; this one holds its own items only."""
PACKAGES = ("basic", "health_management", "treatment_discount")


@dataclass(frozen=True, slots=True)
class Township:
    """The sheets of the township, and the records that its contract system holds."""

    sheets: Mapping[str, list[dict[str, str]]]
    records: tuple[dict[str, Json], ...]


def invent_township(people: int, seed: int, monday: date) -> Township:
    """The township that `xunzhen demo` writes for the same seed, as records of a contract system."""
    from api.demo import places_of  # here, because maps take seconds to load
    from geodata.demo_county import COUNTY_PEOPLE, TOWNSHIP_PEOPLE, demo_county, township
    from optimizer.demand import demo_rows

    county = demo_county(seed, people if people < TOWNSHIP_PEOPLE else max(people, COUNTY_PEOPLE))
    part = county if people < TOWNSHIP_PEOPLE else township(county, people)
    return township_of(demo_rows(places_of(part), monday, seed), seed)


def township_of(sheets: Mapping[str, list[dict[str, str]]], seed: int) -> Township:
    """The records for given sheets; the same seed gives the same people."""
    rng = np.random.default_rng([seed, 17])
    sites = {row["id"]: row for row in sheets["sites"]}
    doctors = _doctors(sheets["members"])
    people: dict[str, dict[str, Json]] = {}
    records = []
    for row in sheets["followups"]:
        if row.get("source") not in {"", None, SOURCE}:
            continue
        if row["resident"] not in people:
            people[row["resident"]] = _person(len(people) + 1, _village(row, sites), rng)
        records.append({**people[row["resident"]], **_record(row, sites, doctors, rng)})
    return Township(sheets, tuple(records))


def _village(row: Row, sites: Mapping[str, Row]) -> Row:
    """The village of a follow-up; a functional community lies in one."""
    site = sites[row["site"]]
    return sites.get(site["village"], site) if site["kind"] != "village" else site


def _person(number: int, village: Row, rng: np.random.Generator) -> dict[str, Json]:
    birthday = date(1930, 1, 1) + timedelta(days=int(rng.integers(0, 29_000)))
    is_female = bool(rng.random() < 0.55)
    record_code = village.get("record_code", "")
    return {
        "record_number": f"{record_code}{number:05d}" if record_code else None,
        "id_card": _id_card(record_code[:6] or "379900", birthday, number % 500 * 2 + (0 if is_female else 1)),
        "sex": "F" if is_female else "M",
        "birthday": birthday.isoformat(),
    }


def _id_card(county: str, birthday: date, order: int) -> str:
    """An identity number with a check sign that is wrong, so that it can belong to nobody."""
    body = f"{county}{birthday:%Y%m%d}{order % 1000:03d}"
    return next(body + sign for sign in "0123456789X" if not has_check_sign(body + sign))


def _doctors(members: list[dict[str, str]]) -> dict[tuple[str, str], str]:
    """The first village doctor and the first township doctor of every team."""
    found: dict[tuple[str, str], str] = {}
    for row in members:
        kind = "village" if row["role"] == "VILLAGE_DOCTOR" else "township" if row["role"].endswith("GP") else ""
        if kind:
            found.setdefault((row["team"], kind), row["id"])
    return found


def _record(
    row: Row, sites: Mapping[str, Row], doctors: Mapping[tuple[str, str], str], rng: np.random.Generator
) -> dict[str, Json]:
    business_type, last_class = business_of(row["rule"])
    ends = row.get("contract_end", "")
    begin = date.fromisoformat(row["due"]) - timedelta(days=int(rng.integers(120, 700)))
    wishes: dict[str, Json] = {key: text for key, text in row.items() if text and key not in OWN_COLUMNS}
    return {
        "external_id": row["id"],
        "resident_id": row["resident"],
        "name": row["name"],
        "mobile": row["phone"],
        "address": row["address"],
        "household_id": row["household"],
        "region_code": _village(row, sites).get("statistics_code") or None,
        "site": row["site"],
        "latitude": float(row["latitude"]) if row["latitude"] else None,
        "longitude": float(row["longitude"]) if row["longitude"] else None,
        "team": row["team"] or None,
        "village_doctor": doctors.get((row["team"], "village")),
        "township_doctor": doctors.get((row["team"], "township")),
        "contract_begin": min(begin, date.fromisoformat(ends or "2200-01-01")).isoformat(),
        "contract_end": ends or None,
        "contract_status": 1,
        "packages": list(PACKAGES[: 1 + int(rng.integers(3))]),
        "business_type": business_type,
        "last_class": last_class,
        "rule": row["rule"],
        "plan_date": row["due"],
        "earliest_date": row["earliest"] or None,
        "last_date": row["latest"] or None,
        "plan_status": STATUS_NUMBERS[row.get("status") or "due"],
        "wishes": wishes,
    }


def business_of(rule: str) -> tuple[int | None, int | None]:
    """The business type and class that a community-health system has for a rule of ours; None where it has none."""
    found: RuleChoice | None = None
    for choice in get_vendor("community-health").rules:
        if choice.rule == rule and rule != "OTHER" and found is None:
            found = choice
    if found is None or rule not in follow_up_rules():
        return None, None
    return found.business_type, found.last_class[0] if found.last_class else 1
