"""Lists as files over HTTP: every fault at once and nothing stored, the repair, and files as real offices make them."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from api.store.models.audit import AuditEntry
from api.store.models.follow_ups import FollowUp
from api.store.models.organisations import Setting
from api.store.models.residents import Resident
from api.store.models.resources import Member, Patrol, Site, Team, Vehicle
from api.store.scope import everything
from tests.api.service.conftest import Caller
from tests.api.service.township import Township
from tests.optimizer.tables.folders import Rows, small, write, write_book

PATH = "/v1/uploads?week=2026-W48"
KINDS: tuple[Any, ...] = (Site, Team, Member, Vehicle, Patrol, FollowUp, Resident, Setting, AuditEntry)


@pytest.fixture
def admin(client: TestClient, township: Township) -> Caller:
    """Who may upload lists of the own township."""
    return Caller(client, township.key("county_admin", township.own_id))


def sent(admin: Caller, folder: Path) -> Any:
    """The answer to an upload of every file of a folder."""
    files = [("files", (file.name, file.read_bytes())) for file in sorted(folder.iterdir())]
    return admin.post(PATH, files=files)


def counts(township: Township) -> dict[str, int]:
    """How many rows of every kind are stored."""
    with township.database.session(everything("tests"), read_only=True) as session:
        return {kind.__tablename__: session.scalar(select(func.count()).select_from(kind)) or 0 for kind in KINDS}


def a_bad_folder() -> dict[str, Rows]:
    """The small folder with faults in several sheets."""
    rows = small()
    rows["members"][0]["role"] = "巫师"
    rows["members"][1]["team"] = "T9"
    rows["followups"][0]["due"] = "someday"
    rows["followups"][1]["site"] = "V9"
    rows["vehicles"][0]["seats"] = "many"
    return rows


def test_every_fault_of_bad_lists_is_told_nothing_is_stored_and_mended_lists_are(
    admin: Caller, township: Township, tmp_path: Path
) -> None:
    before = counts(township)
    told = sent(admin, write(tmp_path / "bad", a_bad_folder()))
    assert (told.status_code, told.json()["code"]) == (422, "TABLE_FAULTS")
    assert told.headers["content-type"] == "application/problem+json"
    assert [each["pointer"] for each in told.json()["errors"]] == [
        "/members/2/role",
        "/members/3/team",
        "/vehicles/2/seats",
        "/followups/2/due",
        "/followups/3/site",
    ]
    assert all(each["advice_zh"] and each["advice_en"] for each in told.json()["errors"])
    assert counts(township) == before

    mended = sent(admin, write(tmp_path / "good", small()))
    assert mended.status_code == 200, mended.text
    assert {sheet: found["created"] for sheet, found in mended.json()["sheets"].items()} == {
        "sites": 5, "teams": 1, "members": 2, "vehicles": 1, "followups": 2, "sessions": 1, "settings": 1,
        "residents": 2,
    }  # fmt: skip
    again = sent(admin, tmp_path / "good").json()["sheets"]
    assert all(found["created"] == found["changed"] == found["removed"] == 0 for found in again.values())


def test_a_sheet_that_leaves_stored_rows_without_their_village_names_those_rows(
    admin: Caller, township: Township, tmp_path: Path
) -> None:
    assert sent(admin, write(tmp_path / "all", small())).status_code == 200
    told = sent(admin, write(tmp_path / "sites", {"sites": small()["sites"][:2]}))
    assert told.status_code == 422
    places = {(each["in"], each["pointer"]) for each in told.json()["errors"]}
    assert ("stored", "/followups/F2/site") in places
    assert sent(admin, write(tmp_path / "back", {"sites": small()["sites"]})).status_code == 200


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_of_excel_in_china_are_read(encoding: str, admin: Caller, township: Township, tmp_path: Path) -> None:
    told = sent(admin, write(tmp_path / encoding, small(), encoding))
    assert told.status_code == 200, told.text
    names = [site["name"] for site in admin.get("/v1/sites").json()["items"]]
    assert "东柳村" in names


def test_one_workbook_does_as_well_as_many_files(admin: Caller, tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    write_book(tmp_path / "book" / "清单.xlsx", small())
    told = sent(admin, tmp_path / "book")
    assert (told.status_code, told.json()["sheets"]["sites"]["created"]) == (200, 5), told.text


def test_a_column_that_nobody_knows_is_refused_by_name(admin: Caller, tmp_path: Path) -> None:
    rows = small()
    rows["sites"][0]["备考"] = "随便"
    told = sent(admin, write(tmp_path / "more", rows))
    assert [(each["code"], each["pointer"], each["found"]) for each in told.json()["errors"]] == [
        ("UNKNOWN_COLUMN", "/sites", "备考")
    ]


ODD: dict[str, tuple[str, bytes]] = {
    "empty": ("sites.csv", b""),
    "blank": ("sites.csv", b"\r\n\r\n"),
    "no text": ("sites.csv", bytes(range(256))),
    "NUL": ("sites.csv", "编号,名称\n\0,x\n".encode()),
    "no workbook": ("lists.xlsx", b"PK\x03\x04 nothing"),
    "no sheet of ours": ("notes.csv", b"a,b\n1,2\n"),
    "no roads": ("roads.osm.pbf", b"\x00\x01"),
    "a program": ("lists.exe", b"MZ"),
    "a way out": ("../../sites.csv", b"a\n"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_files_are_refused_with_advice_and_leave_nothing(
    name: str, admin: Caller, township: Township, tmp_path: Path
) -> None:
    before = counts(township)
    told = admin.post(PATH, files=[("files", ODD[name])])
    assert told.status_code == 422, told.text
    assert told.json()["errors"]
    assert all(each["advice_zh"] and each["advice_en"] for each in told.json()["errors"])
    assert counts(township) == before


def test_of_two_files_of_a_name_none_is_dropped_in_silence(admin: Caller, township: Township) -> None:
    before = counts(township)
    files = [("files", ("teams.csv", b"x")), ("files", ("list.exe", b"MZ")), ("files", ("teams.csv", b"y"))]
    told = admin.post(PATH, files=files)
    assert [(each["code"], each["pointer"]) for each in told.json()["errors"]] == [
        ("FILE_KIND", "/files/1"),
        ("FILE_TWICE", "/files/2"),
    ]
    assert counts(township) == before


def test_an_upload_without_files_is_refused(admin: Caller) -> None:
    told = admin.post(PATH)
    assert (told.status_code, [each["pointer"] for each in told.json()["errors"]]) == (422, ["/files"])
