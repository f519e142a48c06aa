"""The invented demand has the size and the messiness that it claims, and the same seed gives the same rows."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from optimizer.demand import DemoHomes, DemoPlaces, Spot, demo_rows
from optimizer.due import follow_up_rules
from tests.builders import FRIDAY, MONDAY

Rows = dict[str, list[dict[str, str]]]


def some_places(people: int) -> DemoPlaces:
    """Villages on a grid round a base, with homes of one to four people."""
    count = max(2, people // 1330)
    villages = tuple(
        Spot(f"V{v}", f"村{v}", 36.6 + 0.012 * (v // 7), 118.8 + 0.015 * (v % 7), 1330, f"V{v}", has_clinic=v > 1)
        for v in range(count)
    )
    rng = np.random.default_rng(5)
    persons = rng.choice(np.arange(1, 5), size=int(people / 2.5))
    village = rng.integers(count, size=len(persons))
    homes = DemoHomes(
        id=tuple(f"H{h:05d}" for h in range(len(persons))),
        village=village,
        latitude=np.array([villages[v].latitude for v in village]) + rng.normal(0, 0.002, len(persons)),
        longitude=np.array([villages[v].longitude for v in village]) + rng.normal(0, 0.002, len(persons)),
        persons=persons,
    )
    communities = tuple(Spot(f"K{k}", f"厂{k}", 36.63, 118.82 + 0.01 * k, 300, "V3") for k in range(6))
    return DemoPlaces(Spot("B1", "卫生院", 36.64, 118.84), villages, communities, (), homes)


@pytest.fixture(scope="module")
def township() -> Rows:
    return demo_rows(some_places(60_000), MONDAY, 1)


def days(row: dict[str, str], key: str) -> date:
    return date.fromisoformat(row[key])


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(township: Rows) -> None:
    assert demo_rows(some_places(60_000), MONDAY, 1) == township
    assert demo_rows(some_places(60_000), MONDAY, 2)["followups"] != township["followups"]


def test_staff_and_sessions_of_a_township_have_the_size_of_the_roster_study(township: Rows) -> None:
    core = [row for row in township["members"] if row["team"] != "T90"]
    half_days = sum(row["field"].count("M") - row["field"].count("Mon") for row in core)
    assert len(township["teams"]) == 13
    assert 41 <= len(core) <= 44
    assert 115 <= half_days <= 139
    assert sum(int(row["times"]) for row in township["sessions"]) == 45 + 2 + 6
    assert {row["mode"] for row in township["vehicles"]} == {"car", "ebike"}
    assert sum(row["equipment"] == "patrol_kit" for row in township["vehicles"]) == 2


def test_the_pool_of_a_township_has_about_4100_items_and_950_of_them_are_due(township: Rows) -> None:
    pool = township["followups"]
    assert 3_800 <= len(pool) <= 4_400
    assert 850 <= sum(days(row, "latest") <= FRIDAY + timedelta(days=2) for row in pool) <= 1_150


def test_the_mess_has_the_shares_it_claims(township: Rows) -> None:
    pool = township["followups"]
    late = [(MONDAY - days(row, "latest")).days for row in pool]
    keys = Counter((row["resident"], row["rule"]) for row in pool)

    def share(count: int) -> float:
        return count / len(pool)

    assert 0.07 <= share(sum(number > 0 for number in late)) <= 0.12
    assert 0.02 <= share(sum(number > 60 for number in late)) <= 0.045
    assert 0.05 <= share(sum(not row["latitude"] for row in pool)) <= 0.11
    assert 0.02 <= share(sum(count - 1 for count in keys.values())) <= 0.04
    assert 0.03 <= share(sum(len(row["phone"]) != 11 for row in pool)) <= 0.07
    assert 0.04 <= share(sum(row["status"] == "missed" for row in pool)) <= 0.16


def test_couples_and_people_with_two_items_come_about(township: Rows) -> None:
    households: dict[str, set[str]] = {}
    residents: dict[str, set[str]] = {}
    for row in township["followups"]:
        households.setdefault(row["household"], set()).add(row["resident"])
        residents.setdefault(row["resident"], set()).add(row["rule"])
    assert sum(len(found) > 1 for found in households.values()) > 200
    assert sum(len(found) > 1 for found in residents.values()) > 50


def test_windows_are_in_order_and_rechecks_are_short(township: Rows) -> None:
    rules = follow_up_rules()
    for row in township["followups"]:
        assert days(row, "earliest") <= days(row, "due") <= days(row, "latest"), row
        if row["rule"].endswith("_2W") and MONDAY <= days(row, "latest") <= FRIDAY:
            assert (days(row, "latest") - days(row, "earliest")).days <= 5
        assert row["rule"] in rules


def test_every_kind_of_special_case_is_there(township: Rows) -> None:
    pool = township["followups"]
    seen = Counter(row["rule"] for row in pool)
    assert all(
        seen[rule] for rule in ("TB_FIRST", "NB_VISIT", "SMD_UNSTABLE", "HOMEBED_ROUND", "PALLIATIVE", "ELD_EXAM")
    )
    clocked = [row for row in pool if row["deadline"]]
    assert clocked
    assert all((days(row, "latest") - days(row, "earliest")).days == 3 for row in clocked)
    assert {row["assessed"] for row in pool if row["rule"] == "HOMEBED_ROUND"} == {"yes", "no"}
    assert any(row["patrol_needs"] for row in pool)
    assert any(row["resident_times"] for row in pool)
    assert any(row["preferred"] for row in pool)


@pytest.mark.parametrize("people", [3_000, 12_000])
def test_a_small_place_has_staff_for_every_kind_of_item(people: int) -> None:
    rows = demo_rows(some_places(people), MONDAY, 3)
    members = rows["members"]
    assert sum("SMD_TRAINED" in row["skills"] for row in members) >= 2
    assert any("TB_TRAINED" in row["skills"] for row in members)
    assert any("NEWBORN" in row["skills"] and row["sex"] == "F" for row in members)
    assert 0.7 * people / 60_000 * 4_100 <= len(rows["followups"]) <= 1.3 * people / 60_000 * 4_100
