"""Exports over HTTP: the right file for the right caller, named in Chinese, and audited with everybody it shows."""

import io
import json
import re
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from icalendar import Calendar
from starlette.testclient import TestClient

from api.access.permissions import Role
from api.exports.feed_tokens import Feed, sign_feed
from api.store.audit import READ_PERSONAL
from api.store.database import Database
from api.store.models.organisations import Organisation
from api.store.scope import everything
from api.weeks import archive
from tests.api.exports.pdf import pages_of
from tests.api.exports.service import SETTINGS, Stored, client_of, entries, publish_week
from tests.api.exports.weeks import NAMES, PHONE, PLACES

FILES = {
    "day-sheets.pdf": ("application/pdf", "出诊单.pdf"),
    "week.xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "周计划.xlsx"),
    "ledger.xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "随访台账.xlsx"),
    "routes.geojson": ("application/geo+json", "路线.geojson"),
}


def path_of(stored: Stored, file: str) -> str:
    """The address of an export."""
    return f"/v1/plans/{stored.plan_id}/{file}"


def words_of(content: bytes) -> str:
    """All words of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = (cell for page in book.worksheets for row in page.iter_rows(values_only=True) for cell in row)
    return "\n".join(str(cell) for cell in cells if cell is not None)


def residents_read(database: Database) -> list[dict[str, list[str]]]:
    """The residents whose words were opened, entry by entry."""
    return [entry.details["rows"] for entry in entries(database, READ_PERSONAL) if entry.target_kind == "residents"]


@pytest.mark.parametrize("file", FILES)
def test_a_file_comes_with_its_type_and_a_chinese_name(
    client: TestClient, stored: Stored, leader: dict[str, str], file: str
) -> None:
    answer = client.get(path_of(stored, file), headers=leader)
    assert answer.status_code == 200, answer.text
    kind, name = FILES[file]
    assert answer.headers["content-type"] == kind
    shown = answer.headers["content-disposition"]
    told = re.fullmatch(r"attachment; filename=\"([\w.-]+)\"; filename\*=UTF-8''(\S+)", shown)
    assert told is not None
    assert told[1] == f"2026-W48-{file}"
    assert unquote(told[2]) == f"2026-W48-{name}"


@pytest.mark.parametrize("file", FILES)
def test_an_export_is_audited_and_the_same_every_time(
    client: TestClient, stored: Stored, leader: dict[str, str], file: str
) -> None:
    first, second = (client.get(path_of(stored, file), headers=leader).content for _ in range(2))
    assert first == second
    action = "exports:day_sheets" if file == "day-sheets.pdf" else "exports:read"
    told = entries(stored.database, action)[-2:]
    assert [entry.target_id for entry in told] == [stored.plan_id] * 2
    assert all(entry.details["file"].startswith(file) for entry in told)


def test_a_leader_prints_the_sheets_of_the_own_teams(
    client: TestClient, stored: Stored, leader: dict[str, str]
) -> None:
    pages = pages_of(client.get(path_of(stored, "day-sheets.pdf"), headers=leader).content)
    assert len(pages) == 2
    assert "欧阳*" in pages[0]
    assert PHONE not in "".join(pages)


def test_the_leader_of_a_crew_sees_everybody_on_its_sheet(
    client: TestClient, stored: Stored, leader: dict[str, str]
) -> None:
    pages = pages_of(client.get(path_of(stored, "day-sheets.pdf"), headers=leader).content)
    assert "犇*" in "".join(pages), "joint1 signed with t2, and a crew of t1 goes there"
    assert NAMES["joint1"] not in words_of(client.get(path_of(stored, "week.xlsx"), headers=leader).content)


def test_a_crew_member_prints_the_own_sheet_and_sees_only_those_visited(
    client: TestClient, stored: Stored, clinician: dict[str, str]
) -> None:
    (page,) = pages_of(client.get(path_of(stored, "day-sheets.pdf"), headers=clinician).content)
    assert "犇*" in page
    assert len(residents_read(stored.database)[-1]) == 1


def test_anothers_sheet_is_not_to_be_had(client: TestClient, stored: Stored, clinician: dict[str, str]) -> None:
    answer = client.get(path_of(stored, "day-sheets.pdf?crew=c1&crew=nobody"), headers=clinician)
    assert answer.status_code == 404
    assert [fault["found"] for fault in answer.json()["errors"]] == ["c1", "nobody"]
    assert client.get(path_of(stored, "day-sheets.pdf?crew=c2"), headers=clinician).status_code == 200


def test_reading_is_audited_for_everybody_whose_words_are_opened(
    client: TestClient, stored: Stored, leader: dict[str, str]
) -> None:
    client.get(path_of(stored, "ledger.xlsx"), headers=leader)
    assert len(residents_read(stored.database)[-1]) == 3  # home1, patrol1 and open1 of the own team


def test_a_leader_sees_names_of_the_own_teams_only(client: TestClient, stored: Stored, leader: dict[str, str]) -> None:
    words = words_of(client.get(path_of(stored, "week.xlsx"), headers=leader).content)
    assert NAMES["home1"] in words
    assert NAMES["phone1"] not in words
    assert NAMES["left1"] not in words


def test_who_may_see_nobody_gets_files_without_any_name(
    client: TestClient, stored: Stored, county: dict[str, str]
) -> None:
    before = len(entries(stored.database, READ_PERSONAL))
    for file in ("week.xlsx", "ledger.xlsx"):
        words = words_of(client.get(path_of(stored, file), headers=county).content)
        assert not [name for name in (*NAMES.values(), PHONE, "万俟", "1234") if name in words]
    assert len(entries(stored.database, READ_PERSONAL)) == before
    assert client.get(path_of(stored, "day-sheets.pdf"), headers=county).status_code == 403


def test_homes_are_exact_only_when_asked_for_and_only_where_everybody_may_be_seen(
    client: TestClient, stored: Stored, leader: dict[str, str], county: dict[str, str]
) -> None:
    def sites(headers: dict[str, str], query: str) -> set[str]:
        features = client.get(path_of(stored, f"routes.geojson{query}"), headers=headers).json()["features"]
        found = [feature["properties"] for feature in features]
        return {stop["site"] for stop in found if stop["kind"] == "home"}

    assert sites(leader, "") == {"v1", "v2"}
    assert sites(leader, "?homes=exact") == {"h1", "v2"}
    text = client.get(path_of(stored, "routes.geojson?homes=exact"), headers=county).text
    assert not [place for name, place in PLACES.items() if name.startswith("h") and f"{place[1]:.6f}" in text]


def test_other_roles_get_no_export(client: TestClient, stored: Stored) -> None:
    for role in (Role.ANALYST, Role.AUDITOR, Role.CONTRACT_SYSTEM):
        headers = {"Authorization": f"Bearer {stored.key(role)}"}
        assert {client.get(path_of(stored, file), headers=headers).status_code for file in FILES} == {403}


def test_a_plan_of_another_organisation_is_not_there(
    client: TestClient, stored: Stored, leader: dict[str, str]
) -> None:
    other = publish_week(stored.database, "T2")
    assert {client.get(path_of(other, file), headers=leader).status_code for file in FILES} == {404}


def make_feed(client: TestClient, headers: dict[str, str], **body: Any) -> Any:
    """The answer to asking for a feed."""
    return client.post("/v1/feeds", json=body, headers=headers)


def read_feed(client: TestClient, url: str) -> list[Any]:
    """The events of a feed, read without signing in."""
    answer = client.get(url.removeprefix("https://plan.example"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.content).events)


def test_a_crews_feed_is_read_without_signing_in(client: TestClient, stored: Stored, leader: dict[str, str]) -> None:
    answer = make_feed(client, leader, plan_id=stored.plan_id, crew="c1")
    assert answer.status_code == 201, answer.text
    (event,) = read_feed(client, answer.json()["url"])
    assert str(event["summary"]) == "健康随访 巡诊 1 场 入户 1 户"


def test_a_members_feed_shows_all_published_weeks(
    client: TestClient, stored: Stored, clinician: dict[str, str], leader: dict[str, str]
) -> None:
    url = make_feed(client, clinician, member="nurse2").json()["url"]
    assert len(read_feed(client, url)) == 2
    assert make_feed(client, leader, member="gp1").status_code == 201
    assert make_feed(client, clinician, member="gp1").status_code == 404
    assert make_feed(client, leader, member="gp2").status_code == 404


def test_what_is_not_published_is_not_shown(sqlite_database: Database) -> None:
    draft = publish_week(sqlite_database, is_published=False)
    headers = {"Authorization": f"Bearer {draft.key(Role.TEAM_LEADER, 't1')}"}
    with client_of(sqlite_database) as client:
        crew = make_feed(client, headers, plan_id=draft.plan_id, crew="c1").json()["url"]
        member = make_feed(client, headers, member="gp1").json()["url"]
        assert read_feed(client, crew) == read_feed(client, member) == []
        with sqlite_database.session(everything("tests")) as session:
            archive(session, draft.plan_id)
        assert read_feed(client, crew) == []


def test_a_feed_opens_no_personal_word(client: TestClient, stored: Stored, leader: dict[str, str]) -> None:
    url = make_feed(client, leader, member="gp1").json()["url"]
    before = len(entries(stored.database, READ_PERSONAL))
    read_feed(client, url)
    assert len(entries(stored.database, READ_PERSONAL)) == before


def test_a_feed_of_a_closed_organisation_ends(client: TestClient, stored: Stored) -> None:
    other = publish_week(stored.database, "T3")
    headers = {"Authorization": f"Bearer {other.key(Role.TEAM_LEADER, 't1')}"}
    url = make_feed(client, headers, member="gp1").json()["url"]
    assert len(read_feed(client, url)) == 2
    with stored.database.session(everything("tests")) as session:
        session.get_one(Organisation, other.organisation_id).is_active = False
    assert client.get(url.removeprefix("https://plan.example")).status_code == 404


def test_a_feed_that_has_ended_or_was_made_elsewhere_is_not_there(client: TestClient, stored: Stored) -> None:
    ended = sign_feed(Feed(stored.organisation_id, "", "", "gp1", 1_000_000), SETTINGS.signing_bytes)
    foreign = sign_feed(Feed(stored.organisation_id, "", "", "gp1", 4_000_000_000), b"x" * 32)
    answers = [client.get(f"/v1/feeds/{token}.ics") for token in (ended, foreign, "x", "%00")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({json.dumps(answer.json() | {"request_id": ""}) for answer in answers}) == 1


@pytest.mark.parametrize("body", [{}, {"crew": "c1"}, {"crew": "c1", "member": "gp1"}, {"member": "gp1", "days": 0}])
def test_a_feed_of_nobody_or_of_two_is_refused(
    client: TestClient, stored: Stored, leader: dict[str, str], body: dict[str, Any]
) -> None:
    assert make_feed(client, leader, **body).status_code == 422
