"""The page behind a day sheet's QR code: it holds nothing of anybody, and the calls of its script are real ones."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import api.service.routes.phone as phone
from api.config import Settings
from api.exports.sheet_data import phone_page
from api.store.database import Database
from tests.api.exports.service import PASSWORD, Stored, client_of, login_of, publish_week
from tests.api.exports.weeks import ADDRESS, NAMES, PHONE

SCRIPT = (phone.FOLDER / "crew.js").read_text(encoding="utf-8")


@pytest.fixture
def stored(sqlite_database: Database) -> Stored:
    """The hand-made week, published."""
    return publish_week(sqlite_database)


@pytest.fixture
def browser(stored: Stored, tmp_path: Path) -> TestClient:
    """A browser that keeps cookies, in which nobody has signed in."""
    return client_of(stored.database, Settings(mode="demo", data_dir=tmp_path))


def test_the_address_on_the_sheet_leads_to_a_page_that_holds_nothing_of_anybody(
    browser: TestClient, stored: Stored
) -> None:
    page = browser.get(phone_page("", stored.plan_id, "c 1ä"))
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.content == browser.get(phone_page("", "no-such-plan", "nobody")).content
    for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        part = browser.get(path)
        assert part.status_code == 200, path
        assert path.rpartition(".")[2] in part.headers["content-type"].replace("javascript", "js")


def test_the_page_asks_nobody_outside_and_keeps_to_the_content_policy(browser: TestClient) -> None:
    page = browser.get("/plans/p/crews/c")
    assert "script-src" not in page.headers["content-security-policy"], "the default holds for scripts too"
    assert not re.search(r"<script>|<style|\son\w+=|style=", page.text)
    assert "//" not in re.sub(r"^\s*//.*$", "", page.text + SCRIPT, flags=re.MULTILINE)
    assert "innerHTML" not in SCRIPT


def test_the_calls_of_the_script_show_a_member_the_own_stops_and_who_it_is(browser: TestClient, stored: Stored) -> None:
    login_of(browser, stored, "gp1", "t1")
    body = {"name": "who-gp1", "password": PASSWORD, "code": "", "use_cookie": True}
    assert browser.get(f"/v1/plans/{stored.plan_id}/stops?limit=200&crew=c1").status_code == 401
    assert browser.post("/v1/login", json=body).status_code == 200
    stops = browser.get(f"/v1/plans/{stored.plan_id}/stops?limit=200&crew=c1").json()["items"]
    assert {stop["follow_up"] for stop in stops} == {"home1", "patrol1"}
    assert browser.get("/v1/sites?limit=200&fields=external_id,name").json()["items"]
    home = next(stop for stop in stops if stop["follow_up"] == "home1")
    row = browser.get(f"/v1/follow-ups/{home['follow_up_id']}?fields=resident_id").json()
    person = browser.get(f"/v1/residents/{row['resident_id']}/personal").json()
    assert (person["name"], person["phone"], person["address"]) == (NAMES["home1"], PHONE, ADDRESS)
    for call in ("/v1/login", "/stops?limit=200&crew=", "/v1/sites?limit=200&fields=external_id,name", "/personal"):
        assert call in SCRIPT
