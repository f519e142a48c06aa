"""Jobs: where they stand, what happened to them as it happens, the best plan so far, and stopping them."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header, Query
from sqlalchemy import Select, literal, select, tuple_
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from api.access.dependencies import CallerScope, action
from api.jobs.queue import request_cancel
from api.jobs.reading import find_best_plan, list_events, progress_of
from api.service.bodies import Answer, AwareMoment, RowId
from api.service.deps import Config, Store
from api.service.moments import as_json
from api.service.paging import Fields, PageQuery, open_cursor, seal_cursor, sparse, wanted_fields
from api.service.problems import ProblemError
from api.service.resource_routes import RowPath, answered, json_answer
from api.service.routing import new_router
from api.store import audit
from api.store.database import Database
from api.store.models.jobs import ENDED, Job, JobEvent, JobKind, JobState
from api.store.scope import Scope

router = new_router("jobs")
READ, WRITE = "jobs:read", "jobs:write"
OBJECT, TEXT = {"type": "object"}, {"type": "string"}
LOOK_SECONDS = 0.4
"""How often new events are looked for while somebody listens."""
PING_SECONDS = 15.0
LONGEST_SECONDS = 3600.0
"""After this a listener is let go; it comes back by itself and resumes."""
SHOWN = (
    *("id", "organisation_id", "kind", "state", "payload", "params", "seed", "input_hash", "attempt", "max_attempts"),
    *("is_cancel_requested", "queued_at", "started_at", "finished_at", "queue_seconds", "solve_seconds", "progress"),
    *("best", "result_plan_id", "code", "message_zh", "message_en", "faults", "last_event"),
)


class ProgressView(Answer):
    """The latest look at a search; the share is that of the phase."""

    phase: str | None
    share: float | None
    cost: int | None
    unplanned: int | None
    gap: float | None


class BestView(Answer):
    """The best plan so far; `/best` gives the plan itself."""

    cost: int
    is_feasible: bool
    at: AwareMoment


class JobFault(Answer):
    """A fault of the input, without the value found."""

    code: str
    where: str
    advice_zh: str
    advice_en: str


class JobView(Answer):
    """A job. Queue time and solve time are apart; a job that failed says why in `code`, messages and `faults`."""

    id: str
    organisation_id: str | None = None
    kind: JobKind | None = None
    state: JobState | None = None
    payload: dict[str, Any] | None = None
    params: dict[str, Any] | None = None
    seed: int | None = None
    input_hash: str | None = None
    attempt: int | None = None
    max_attempts: int | None = None
    is_cancel_requested: bool | None = None
    queued_at: AwareMoment | None = None
    started_at: AwareMoment | None = None
    finished_at: AwareMoment | None = None
    queue_seconds: float | None = None
    solve_seconds: float | None = None
    progress: ProgressView | None = None
    best: BestView | None = None
    result_plan_id: str | None = None
    code: str | None = None
    message_zh: str | None = None
    message_en: str | None = None
    faults: list[JobFault] | None = None
    last_event: int | None = None


class JobPage(Answer):
    """A page of jobs."""

    items: list[JobView]
    next_cursor: str


class JobQuery(PageQuery):
    """The query of the list."""

    organisation_id: RowId | None = None
    state: JobState | None = None
    kind: JobKind | None = None
    since: AwareMoment | None = None


def job_view(job: Job) -> dict[str, Any]:
    """A job as its answer."""
    plain = {name: as_json(getattr(job, name)) for name in SHOWN if hasattr(Job, name)}
    began, ended = job.started_at, job.finished_at
    best = None
    if job.best_cost is not None and job.best_at is not None:
        best = {"cost": job.best_cost, "is_feasible": bool(job.best_is_feasible), "at": as_json(job.best_at)}
    view = {
        **plain,
        "queue_seconds": (began - job.queued_at).total_seconds() if began else None,
        "solve_seconds": (ended - began).total_seconds() if began and ended else None,
        "progress": progress_of(job) if job.progress_phase is not None else None,
        "best": best,
    }
    return {name: view[name] for name in SHOWN}


def find_job(session: Session, job_id: str) -> Job:
    """The job of an id. Raises ProblemError when there is none in sight."""
    job = session.scalars(select(Job).where(Job.id == job_id)).one_or_none()
    if job is None:
        raise ProblemError("NOT_FOUND")
    return job


@router.get("/v1/jobs", **answered(JobPage), **action(READ))
def list_jobs(query: Annotated[JobQuery, Query()], scope: CallerScope, store: Store, config: Config) -> Response:
    """The jobs in sight, newest first."""
    names = wanted_fields(query.fields, SHOWN)
    rows = select(Job)
    for name in ("organisation_id", "state", "kind"):
        if getattr(query, name) is not None:
            rows = rows.where(getattr(Job, name) == getattr(query, name))
    if query.since is not None:
        rows = rows.where(Job.queued_at >= query.since)
    with store.session(scope, read_only=True) as session:
        found, next_cursor = _page(session, rows, query, config.signing_bytes)
        items = [sparse(job_view(row), names) for row in found]
    return json_answer({"items": items, "next_cursor": next_cursor})


def _page(session: Session, rows: Select[Job], query: JobQuery, signing_key: bytes) -> tuple[list[Job], str]:
    """Jobs after the cursor and the next cursor. Raises ProblemError."""
    list_key = ["jobs", query.filters()]
    if query.cursor:
        moment, job_id = open_cursor(query.cursor, signing_key, list_key)
        last = tuple_(literal(datetime.fromisoformat(moment), Job.queued_at.type), literal(job_id))
        rows = rows.where(tuple_(Job.queued_at, Job.id) < last)
    ordered = rows.order_by(Job.queued_at.desc(), Job.id.desc()).limit(query.limit + 1)
    found = list(session.scalars(ordered))
    if len(found) <= query.limit:
        return found, ""
    end = found[query.limit - 1]
    return found[: query.limit], seal_cursor([end.queued_at.isoformat(), end.id], signing_key, list_key)


@router.get("/v1/jobs/{row_id}", **answered(JobView), **action(READ))
def read_job(row_id: RowPath, scope: CallerScope, store: Store, fields: Fields = "") -> Response:
    """One job."""
    names = wanted_fields(fields, SHOWN)
    with store.session(scope, read_only=True) as session:
        return json_answer(sparse(job_view(find_job(session, row_id)), names))


@router.get(
    "/v1/jobs/{row_id}/best",
    response_model=None,
    responses={200: {"description": "A plan document", "content": {"application/json": {"schema": OBJECT}}}},
    **action(READ),
)
def read_best_plan(row_id: RowPath, scope: CallerScope, store: Store) -> Response:
    """The best plan so far as a plan document, also while the job runs. 404 while there is none."""
    with store.session(scope, read_only=True) as session:
        find_job(session, row_id)
        document = find_best_plan(session, row_id)
    if document is None:
        raise ProblemError("NOT_FOUND")
    return Response(document, 200, {"Cache-Control": "no-store"}, "application/json")


@router.post("/v1/jobs/{row_id}:cancel", **answered(JobView, 202), **action(WRITE))
def cancel_job(row_id: RowPath, scope: CallerScope, store: Store) -> Response:
    """Stop a job and keep its best plan: a queued one ends at once, a running one within moments. Asking again is fine.

    409 when it has ended otherwise.
    """
    with store.session(scope) as session:
        was_asked = find_job(session, row_id).is_cancel_requested
        job = request_cancel(session, row_id)
        assert job is not None
        if not job.is_cancel_requested:
            raise ProblemError("JOB_FINISHED")
        if not was_asked:
            audit.append(session, job.organisation_id, "jobs:cancel", target_kind="jobs", target_id=job.id)
        content = job_view(job)
    return json_answer(content, 202, {"Location": f"/v1/jobs/{row_id}"})


EVENT: dict[str, Any] = {
    "description": "One event of the stream",
    "properties": {"id": {"type": "string"}, "event": {"type": "string"}, "data": {"type": "string"}},
}


@router.get(
    "/v1/jobs/{row_id}/events",
    response_model=None,
    response_class=Response,  # nothing but the stream
    responses={200: {"description": "Server-sent events", "content": {"text/event-stream": {"schema": EVENT}}}},
    **action(READ),
)
async def listen_to_job(
    row_id: RowPath,
    scope: CallerScope,
    store: Store,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="Begin after this event")] = 0,
    last_event_id: Annotated[
        str | None, Header(description="Sent by browsers that come back; wins over `after`")
    ] = None,
) -> Response:
    """What happens to a job as server-sent events: `state`, `progress`, `plan`; the stream ends with the job.

    The id of an event is its number; a listener that comes back with Last-Event-ID misses nothing.
    """
    # Not a plain `def`: a listener waits for minutes, and would keep a thread from everybody else.
    await run_in_threadpool(_require, store, scope, row_id)
    is_number = last_event_id is not None and re.fullmatch(r"[0-9]{1,9}", last_event_id)
    first = int(last_event_id or 0) if is_number else after
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(store, scope, row_id, first), 200, headers, "text/event-stream")


def _require(store: Database, scope: Scope, job_id: str) -> None:
    with store.session(scope, read_only=True) as session:
        find_job(session, job_id)


def _news(store: Database, scope: Scope, job_id: str, after: int) -> tuple[list[JobEvent], bool]:
    """Events after a number, and whether no more will come."""
    with store.session(scope, read_only=True) as session:
        state, last = session.execute(select(Job.state, Job.last_event).where(Job.id == job_id)).one()
        events = list_events(session, job_id, after)
    seen = events[-1].number if events else after
    return events, state in ENDED and seen >= last


async def _stream(store: Database, scope: Scope, job_id: str, after: int) -> AsyncIterator[bytes]:
    """The events as they come, with a sign of life now and then."""
    began = said = time.monotonic()
    is_over = False
    while not is_over and time.monotonic() - began < LONGEST_SECONDS:
        events, is_over = await run_in_threadpool(_news, store, scope, job_id, after)
        for event in events:
            after = event.number
            yield event_text(event)
        if events:
            said = time.monotonic()
        elif time.monotonic() - said >= PING_SECONDS:
            said = time.monotonic()
            yield b": ping\n\n"
        if not is_over:
            await asyncio.sleep(LOOK_SECONDS)


def event_text(event: JobEvent) -> bytes:
    """An event on the wire."""
    data = json.dumps({"at": as_json(event.created_at), **event.data}, ensure_ascii=False)
    return f"id: {event.number}\nevent: {event.kind}\ndata: {data}\n\n".encode()
