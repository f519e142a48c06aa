"""Who somebody is never reaches the problem: names, numbers and the source's own ids stay in the labels."""

from pathlib import Path

import numpy as np
import pytest

from optimizer.documents import problem_to_json
from optimizer.tables import Draft, TableFaults
from optimizer.tables.privacy import is_identity_number, tells_who
from optimizer.travel import ModeTimes
from tests.optimizer.tables.folders import draft_of, small, write

IDENTITY = "11010519491231002X"  # the example number of the standard GB 11643


def personal(tmp_path: Path) -> Draft:
    """The small folder as a careless source would keep it."""
    rows = small()
    rows["followups"][0] |= {"resident": IDENTITY, "household": "东柳村1号 孙三家"}
    rows["followups"][1] |= {"resident": "13100003333", "name": "周四", "phone": "13100003333", "channels": "上门"}
    rows["followups"][1] |= {"latitude": "36.7121", "longitude": "118.9151"}
    return draft_of(write(tmp_path, rows))


def test_nothing_personal_reaches_the_problem_document(tmp_path: Path) -> None:
    draft = personal(tmp_path)
    zero = np.zeros((len(draft.sites), len(draft.sites)), dtype=np.int32)
    text = problem_to_json(draft.problem(draft.travel_times({"car": ModeTimes(zero, zero)})))
    people = [*draft.labels.members.values(), *draft.labels.residents.values()]
    words = {word for person in people for word in (person.name, person.phone, person.address) if word}
    assert len(words) > 5
    secret = [*words, IDENTITY, "13100003333", "孙三家", "东柳村", "一队"]
    assert [word for word in secret if word in text] == []


def test_the_way_back_is_kept_for_display(tmp_path: Path) -> None:
    draft = personal(tmp_path)
    first, second = draft.follow_ups
    assert (first.resident, first.household, first.site) == ("R1", "H1", "H:H1")
    assert draft.labels.resident_ids == {"R1": IDENTITY, "R2": "13100003333"}
    assert draft.labels.household_ids == {"H1": "东柳村1号 孙三家"}
    assert second.site == "H:R2"


def test_people_of_one_source_id_stay_one_person(tmp_path: Path) -> None:
    rows = small()
    rows["followups"].append(rows["followups"][0] | {"id": "F3", "rule": "DM_ROUTINE"})
    items = draft_of(write(tmp_path, rows)).follow_ups
    assert items[0].resident == items[2].resident != items[1].resident


@pytest.mark.parametrize(
    ("sheet", "name"),
    [
        ("followups", f"{IDENTITY}-1"),
        ("followups", "高血压13100002222"),
        ("followups", "孙三-高血压"),
        ("members", "王一"),
        ("members", "13100001111"),
        ("members", "赵小五"),
    ],
)
def test_an_id_that_tells_who_it_is_is_a_fault(tmp_path: Path, sheet: str, name: str) -> None:
    rows = small()
    rows[sheet][0]["id"] = name
    with pytest.raises(TableFaults) as caught:
        draft_of(write(tmp_path, rows))
    assert [(fault.code, fault.sheet, fault.row) for fault in caught.value.faults] == [("PERSONAL_ID", sheet, 2)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (IDENTITY, True),
        (IDENTITY.lower(), True),
        ("110105194912310021", False),
        ("110105194913310020", False),
        ("+86-13100002222", True),
        ("12345678901", False),
        ("131000022223", False),
        ("F00017", False),
    ],
)
def test_personal_numbers_are_known_by_their_form(text: str, expected: bool) -> None:
    assert tells_who(text) is expected


def test_an_impossible_date_of_birth_is_no_identity_number() -> None:
    assert not is_identity_number("110105194902300025")
