"""Reading plans: the document as it is kept, stops and figures, each only while its version is the newest one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from api.access.permissions import Role
from api.service.routes import plans_read
from api.store.models.plans import PlannedStop, PlanProblem, PlanRevision, PlanState, WeekPlan
from api.store.scope import everything
from api.store.versions import version_in_sight
from tests.api.access.conftest import PASSWORD, add_person
from tests.api.service.conftest import Caller
from tests.api.service.township import Township

MONDAY = date(2026, 11, 23)
DOCUMENT = '{"format": "xunzhen-plan/1", "crews": []}'


def add_plan(township: Township, organisation_id: str = "", *, number: int = 1, stops: int = 0) -> str:
    """The id of a stored plan with so many stops."""
    owner = organisation_id or township.own_id
    with township.database.session(everything("tests")) as session:
        problem = PlanProblem(organisation_id=owner, input_hash=f"{number:064}", document=b"")
        session.add(problem)
        session.flush()
        plan = WeekPlan(
            organisation_id=owner,
            week="2026-W48",
            number=number,
            problem_id=problem.id,
            cost_total=100,
            cost_parts={"travel": 100},
            kpis={"travel_minutes": 5},
            is_feasible=True,
            notes=[{"code": "CONTRACT_ENDED", "places": ["F-OUTSIDE"]}],
        )
        session.add(plan)
        session.flush()
        session.add(PlanRevision(organisation_id=owner, plan_id=plan.id, number=1, document=DOCUMENT))
        session.add_all(stop_of(owner, plan.id, place) for place in range(stops))
        return plan.id


def stop_of(organisation_id: str, plan_id: str, place: int) -> PlannedStop:
    start = datetime(2026, 11, 23, 0, 30, tzinfo=UTC) + timedelta(minutes=20 * (place % 12))
    return PlannedStop(
        organisation_id=organisation_id,
        plan_id=plan_id,
        channel="home",
        day=MONDAY + timedelta(days=place % 5),
        half_day=2 * (place % 5),
        crew=f"K{place % 7}",
        team="T01",
        members=["M001", "M002"],
        vehicle="C01",
        place=place // 5,
        site="V001",
        follow_up=f"F-OUTSIDE-{place:03}",
        arrival_at=start,
        start_at=start,
        end_at=start + timedelta(minutes=15),
    )


def publish(township: Township, plan_id: str) -> None:
    with township.database.session(everything()) as session:
        plan = session.scalars(select(WeekPlan).where(WeekPlan.id == plan_id)).one()
        plan.state = PlanState.PUBLISHED.value


@pytest.fixture
def own(client: TestClient, township: Township) -> Caller:
    """A leader of the own township."""
    return Caller(client, township.key("team_leader", teams=("T01",)))


def test_a_plan_comes_with_its_document_and_version(own: Caller, township: Township) -> None:
    plan_id = add_plan(township)
    answer = own.get(f"/v1/plans/{plan_id}")
    plan = answer.json()
    assert (answer.status_code, answer.headers["etag"], plan["week"]) == (200, '"1"', "2026-W48")
    assert plan["document"] == {"format": "xunzhen-plan/1", "crews": []}
    assert plan["kpis"] == {"travel_minutes": 5}


def test_a_changed_plan_is_read_anew(own: Caller, township: Township) -> None:
    plan_id = add_plan(township)
    assert own.get(f"/v1/plans/{plan_id}").json()["state"] == "draft"
    publish(township, plan_id)
    answer = own.get(f"/v1/plans/{plan_id}")
    assert (answer.json()["state"], answer.headers["etag"]) == ("published", '"2"')


def test_a_known_plan_is_not_sent_again(own: Caller, township: Township) -> None:
    plan_id = add_plan(township)
    for path in ("", "/stops", "/kpis"):
        answer = own.get(f"/v1/plans/{plan_id}{path}", headers={"If-None-Match": '"1"'})
        assert answer.status_code == 304


def test_only_the_parts_asked_for_come(own: Caller, township: Township) -> None:
    plan = own.get(f"/v1/plans/{add_plan(township)}", params={"fields": "state,kpis"}).json()
    assert plan.keys() == {"id", "state", "kpis"}


def test_of_figures_only_the_fields_asked_for_come(own: Caller, township: Township) -> None:
    path = f"/v1/plans/{add_plan(township)}/kpis"
    assert own.get(path, params={"fields": "cost_total"}).json().keys() == {"id", "cost_total"}
    assert own.get(path).json().keys() == {"id", "version", "is_feasible", "cost_total", "cost_parts", "kpis"}
    assert own.get(path, params={"fields": "cost"}).status_code == 422


def test_a_foreign_plan_is_not_there_even_after_it_was_rendered(
    leader: Caller, own: Caller, township: Township
) -> None:
    plan_id = add_plan(township, township.foreign_id)
    assert leader.get(f"/v1/plans/{plan_id}").status_code == 200
    for path in ("", "/stops", "/kpis", "/revisions"):
        assert own.get(f"/v1/plans/{plan_id}{path}").status_code == 404
    assert own.get("/v1/plans").json()["items"] == []


def test_a_plan_that_changes_while_it_is_read_is_answered_with_the_version_it_was_rendered_from(
    own: Caller, township: Township, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_id = add_plan(township)

    def look_and_then_change(*arguments: Any) -> int | None:
        found = version_in_sight(*arguments)
        with township.database.session(everything("tests")) as session:
            session.get_one(WeekPlan, plan_id).engine_version = "later"
        return found

    monkeypatch.setattr(plans_read, "version_in_sight", look_and_then_change)
    answer = own.get(f"/v1/plans/{plan_id}", params={"fields": "engine_version,version"})
    assert answer.json() == {"id": plan_id, "version": 2, "engine_version": "later"}
    assert answer.headers["ETag"] == '"2"'


def test_stops_come_in_pages_with_local_times(own: Caller, township: Township) -> None:
    plan_id = add_plan(township, stops=12)
    seen: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = own.get(f"/v1/plans/{plan_id}/stops", params={"limit": 5, "cursor": cursor}).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len({stop["id"] for stop in seen}) == 12
    assert [stop["day"] for stop in seen] == sorted(stop["day"] for stop in seen)
    assert seen[0]["start_at"] == "2026-11-23T08:30:00+08:00"
    assert seen[0]["members"] == ["M001", "M002"]
    assert {stop["half"] for stop in seen} == {"am"}


def test_stops_are_found_by_day_and_crew(own: Caller, township: Township) -> None:
    plan_id = add_plan(township, stops=12)
    params = {"day": "2026-11-24", "crew": "K1"}
    items = own.get(f"/v1/plans/{plan_id}/stops", params=params).json()["items"]
    assert items
    assert {(stop["day"], stop["crew"]) for stop in items} == {("2026-11-24", "K1")}


def test_the_cursor_of_one_plan_does_not_fit_another(own: Caller, township: Township) -> None:
    first, second = (add_plan(township, number=number, stops=3) for number in (1, 2))
    cursor = own.get(f"/v1/plans/{first}/stops", params={"limit": 1}).json()["next_cursor"]
    answer = own.get(f"/v1/plans/{second}/stops", params={"cursor": cursor})
    assert answer.json()["code"] == "BAD_CURSOR"


def test_plans_are_found_by_week_and_state(own: Caller, township: Township) -> None:
    first, second = (add_plan(township, number=number) for number in (1, 2))
    publish(township, second)
    listed = own.get("/v1/plans", params={"week": "2026-W48"}).json()["items"]
    assert [plan["id"] for plan in listed] == [first, second]
    published = own.get("/v1/plans", params={"state": "published"}).json()["items"]
    assert [plan["id"] for plan in published] == [second]
    assert own.get("/v1/plans", params={"week": "2026-W99"}).status_code == 422


def test_an_analyst_sees_figures_and_no_id_of_another_system(
    client: TestClient, own: Caller, township: Township
) -> None:
    plan_id = add_plan(township, stops=3)
    with township.database.session(everything("tests")) as session:
        session.execute(update(PlannedStop).where(PlannedStop.place == 0).values(site="H:R-OUTSIDE"))
    analyst = Caller(client, township.key("analyst"))
    for caller in (own, analyst):  # whoever is first must not fill the memory of the other
        assert caller.get(f"/v1/plans/{plan_id}").status_code == 200
    plan, stops = analyst.get(f"/v1/plans/{plan_id}"), analyst.get(f"/v1/plans/{plan_id}/stops")
    assert (plan.json()["document"], plan.json()["cost_total"]) == (None, 100)
    assert "-OUTSIDE" not in plan.text + stops.text
    assert "F-OUTSIDE" in own.get(f"/v1/plans/{plan_id}/stops").text


def test_what_an_analyst_who_leads_a_team_has_read_is_not_shown_to_another_analyst(
    client: TestClient, township: Township
) -> None:
    plan_id = add_plan(township, stops=3)
    add_person(township.database, township.own_id, "both", Role.ANALYST, Role.TEAM_LEADER, team_external_ids=("T01",))
    both = Caller(client, client.post("/v1/login", json={"name": "both", "password": PASSWORD}).json()["token"])
    assert "F-OUTSIDE" in both.get(f"/v1/plans/{plan_id}/stops").text
    assert "F-OUTSIDE" not in Caller(client, township.key("analyst")).get(f"/v1/plans/{plan_id}/stops").text


def test_revisions_tell_which_edit_made_them(own: Caller, township: Township) -> None:
    (line,) = own.get(f"/v1/plans/{add_plan(township)}/revisions").json()["items"]
    assert (line["number"], line["previous"]) == (1, None)
