"""The routes of jobs, through the real application: reading, listening, the best plan, stopping."""

import json
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.config import Settings
from api.jobs import queue
from api.jobs.messages import Look
from api.jobs.queue import Ending
from api.service.app import create_app
from api.service.routes import jobs
from api.store.database import Database
from api.store.models.jobs import JobState
from api.store.scope import everything
from tests.api.jobs.trials import LEASE_SECONDS, PLAN, claimed, enqueued, job_of, until
from tests.api.service.township import Township, make_township


@pytest.fixture
def township(database: Database) -> Township:
    """Two townships below a county."""
    return make_township(database)


@pytest.fixture
def client(township: Township, tmp_path: Any) -> Iterator[TestClient]:
    """A client of the application, with a team leader's key."""
    app = create_app(Settings.from_values({"mode": "demo", "data_dir": tmp_path}), township.database)
    if not any(getattr(route, "path", "") == "/v1/jobs" for route in app.routes):
        app.include_router(jobs.router)
    headers = {"Authorization": f"Bearer {township.key('team_leader')}"}
    with TestClient(app, headers=headers) as found:
        yield found


def events_of(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    """The events of a stream: number, kind, data."""
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def end(database: Database, claim: queue.Claim) -> None:
    """The job ends with a plan."""
    with database.session(everything("tests")) as session:
        queue.beat(session, claim, LEASE_SECONDS, Look("roster", 0.5, 7, 1), PLAN)
        queue.finish(session, claim, Ending(JobState.COMPLETED, PLAN, "{}"))


def test_a_job_tells_where_it_stands(client: TestClient, township: Township) -> None:
    job_id = enqueued(township.database, township.own_id)
    waiting = client.get(f"/v1/jobs/{job_id}").json()
    assert (waiting["state"], waiting["queue_seconds"], waiting["progress"]) == ("queued", None, None)
    end(township.database, claimed(township.database))
    ended = client.get(f"/v1/jobs/{job_id}").json()
    assert ended["state"] == "completed"
    assert ended["queue_seconds"] >= 0.0
    assert ended["solve_seconds"] >= 0.0
    assert ended["best"]["cost"] == PLAN.cost
    assert ended["progress"]["share"] == 0.5
    assert ended["queued_at"].endswith("+08:00")


def test_of_a_job_only_the_fields_asked_for_come(client: TestClient, township: Township) -> None:
    path = f"/v1/jobs/{enqueued(township.database, township.own_id)}"
    assert client.get(path, params={"fields": "state,progress"}).json().keys() == {"id", "state", "progress"}
    assert client.get(path, params={"fields": "stat"}).status_code == 422


def test_jobs_are_listed_newest_first_page_by_page(client: TestClient, township: Township) -> None:
    ids = [enqueued(township.database, township.own_id) for _ in range(5)]
    enqueued(township.database, township.foreign_id)
    seen: list[str] = []
    cursor = ""
    while True:
        page = client.get("/v1/jobs", params={"limit": 2, "cursor": cursor, "fields": "id,state"}).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == ids[::-1]


def test_jobs_can_be_narrowed_by_state(client: TestClient, township: Township) -> None:
    enqueued(township.database, township.own_id)
    end(township.database, claimed(township.database))
    waiting = enqueued(township.database, township.own_id)
    found = client.get("/v1/jobs", params={"state": "queued"}).json()["items"]
    assert [item["id"] for item in found] == [waiting]


@pytest.mark.parametrize("path", ["", "/best", "/events"])
def test_a_foreign_job_is_not_there(path: str, client: TestClient, township: Township) -> None:
    job_id = enqueued(township.database, township.foreign_id)
    assert client.get(f"/v1/jobs/{job_id}{path}").status_code == 404
    assert client.post(f"/v1/jobs/{job_id}:cancel").status_code == 404


def test_the_best_plan_is_readable_while_the_job_runs(client: TestClient, township: Township) -> None:
    job_id = enqueued(township.database, township.own_id)
    assert client.get(f"/v1/jobs/{job_id}/best").status_code == 404
    claim = claimed(township.database)
    with township.database.session(everything("tests")) as session:
        queue.beat(session, claim, LEASE_SECONDS, None, PLAN)
    assert client.get(f"/v1/jobs/{job_id}/best").text == PLAN.document


def test_the_events_of_an_ended_job_come_all_at_once(client: TestClient, township: Township) -> None:
    job_id = enqueued(township.database, township.own_id)
    end(township.database, claimed(township.database))
    answer = client.get(f"/v1/jobs/{job_id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_of(answer.text)
    assert [number for number, _, _ in events] == [1, 2, 3, 4, 5]
    assert [kind for _, kind, _ in events] == ["state", "state", "plan", "progress", "state"]
    assert events[-1][2]["state"] == "completed"


def test_who_comes_back_resumes_after_the_last_event(client: TestClient, township: Township) -> None:
    job_id = enqueued(township.database, township.own_id)
    end(township.database, claimed(township.database))
    answer = client.get(f"/v1/jobs/{job_id}/events", headers={"Last-Event-ID": "3"})
    assert [number for number, _, _ in events_of(answer.text)] == [4, 5]


@pytest.mark.parametrize("last", ["x", "-1", "9" * 40])
def test_a_last_event_that_makes_no_sense_begins_at_the_beginning(
    last: str, client: TestClient, township: Township
) -> None:
    job_id = enqueued(township.database, township.own_id)
    end(township.database, claimed(township.database))
    answer = client.get(f"/v1/jobs/{job_id}/events", headers={"Last-Event-ID": last})
    assert events_of(answer.text)[0][0] == 1


def test_a_listener_hears_what_happens_until_the_job_ends(client: TestClient, township: Township) -> None:
    job_id = enqueued(township.database, township.own_id)
    heard: list[str] = []
    listener = Thread(target=lambda: heard.append(client.get(f"/v1/jobs/{job_id}/events").text))
    listener.start()
    end(township.database, claimed(township.database))
    listener.join(30)
    assert events_of(heard[0])[-1][2]["state"] == "completed"


def test_a_queued_job_can_be_cancelled_and_asking_again_is_fine(client: TestClient, township: Township) -> None:
    job_id = enqueued(township.database, township.own_id)
    for _ in range(2):
        answer = client.post(f"/v1/jobs/{job_id}:cancel")
        assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")


def test_a_running_job_is_asked_to_stop(client: TestClient, township: Township) -> None:
    job_id = enqueued(township.database, township.own_id)
    claimed(township.database)
    assert client.post(f"/v1/jobs/{job_id}:cancel").json()["is_cancel_requested"] is True
    until(lambda: job_of(township.database, job_id).is_cancel_requested, "the wish is kept")


def test_a_completed_job_cannot_be_cancelled(client: TestClient, township: Township) -> None:
    job_id = enqueued(township.database, township.own_id)
    end(township.database, claimed(township.database))
    answer = client.post(f"/v1/jobs/{job_id}:cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "JOB_FINISHED")
