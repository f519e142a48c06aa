"""The exchange with contract systems: where they are, runs, dead letters, the outbox, events in and subscriptions."""

from typing import Annotated, Any

from fastapi import Header, Query, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.access.dependencies import CallerScope, action
from api.contract.errors import ContractError, VendorFaults
from api.contract.letters import RECORD, as_reasons, resolve
from api.contract.push import NotDead, Overtaken, replay
from api.contract.runs import queue_run
from api.contract.signatures import BadSignature, Signed
from api.contract.sources import BadAddress, UnknownSource, add_source, get_source, judge_address
from api.contract.views import (
    SHOWN_LETTER,
    SHOWN_MESSAGE,
    SHOWN_RUN,
    SHOWN_SUBSCRIPTION,
    ChangeSource,
    EventAnswer,
    LetterPage,
    LetterQuery,
    LetterView,
    NewRun,
    NewSource,
    NewSubscription,
    NewSubscriptionView,
    OutboxPage,
    OutboxQuery,
    OutboxView,
    RunList,
    RunView,
    SourceList,
    SourceView,
    SubscriptionList,
    source_view,
    view,
)
from api.contract.webhooks import MOST_BYTES, BadEvent, Received, receive, subscribe
from api.service.bodies import RowId
from api.service.changes import organisation_in
from api.service.conditions import IfMatch, check_version, etag_of
from api.service.deps import Config, Store
from api.service.paging import read_page, sparse, wanted_fields
from api.service.problems import FieldFault, ProblemError
from api.service.resource_routes import RowPath, answered, given, json_answer
from api.service.routing import new_router
from api.store.audit import append
from api.store.models.exchange import (
    ContractSource,
    DeadLetter,
    OutboxMessage,
    RunKind,
    SyncCursor,
    SyncRun,
    WebhookSubscription,
)

router = new_router("exchange")
READ, WRITE, RECEIVE = "exchange:read", "exchange:write", "exchange:receive"
MOST_RUNS = 200
EVENT_BODY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"enum": ["follow_up.changed", "home_reading.abnormal", "referral.made"]},
        "data": {"type": "object"},
    },
    "required": ["type", "data"],
}


@router.get("/v1/exchange/sources", **answered(SourceList), **action(READ))
def list_sources(scope: CallerScope, store: Store, organisation_id: RowId | None = None) -> Response:
    """The contract systems in sight, by name."""
    query = select(ContractSource, SyncCursor.position_at).join(SyncCursor, SyncCursor.source_id == ContractSource.id)
    if organisation_id is not None:
        query = query.where(ContractSource.organisation_id == organisation_id)
    with store.session(scope, read_only=True) as session:
        rows = session.execute(query.order_by(ContractSource.name, ContractSource.id))
        return json_answer({"items": [source_view(row, read_until) for row, read_until in rows]})


@router.post("/v1/exchange/sources", **answered(SourceView, 201), **action(WRITE))
def make_source(body: NewSource, scope: CallerScope, store: Store) -> Response:
    """Name a contract system; key and webhook secret are kept encrypted and never shown again."""
    owner = organisation_in(scope, body.organisation_id)
    values = body.model_dump(exclude={"organisation_id"})
    with store.session(scope) as session:
        same = select(ContractSource.id).where(
            ContractSource.organisation_id == owner, ContractSource.name == body.name
        )
        if session.scalars(same).first() is not None:
            raise ProblemError("ALREADY_EXISTS")
        try:
            row = add_source(session, owner, **values)
        except (VendorFaults, BadAddress) as error:
            raise _input_invalid("/vendor" if isinstance(error, VendorFaults) else "/base_url", error) from None
        _note(session, row, "contract_sources", "made")
        content, version = source_view(row, None), row.version
    headers = {"ETag": etag_of(version), "Location": f"/v1/exchange/sources/{content['id']}"}
    return json_answer(content, 201, headers)


@router.get("/v1/exchange/sources/{row_id}", **answered(SourceView), **action(READ))
def read_source(row_id: RowPath, scope: CallerScope, store: Store) -> Response:
    """One contract system."""
    with store.session(scope, read_only=True) as session:
        row = _source(session, row_id)
        return json_answer(source_view(row, _read_until(session, row)), headers={"ETag": etag_of(row.version)})


@router.patch("/v1/exchange/sources/{row_id}", **answered(SourceView), **action(WRITE))
def change_source(
    row_id: RowPath, body: ChangeSource, scope: CallerScope, store: Store, if_match: IfMatch = None
) -> Response:
    """Change the given fields; an empty key or secret takes it away."""
    values = given(body)
    with store.session(scope) as session:
        row = _source(session, row_id)
        check_version(if_match, row.version)
        for name, value in values.items():
            if name == "base_url":
                _judge_address(value)
            setattr(row, name, value or None if name in {"key", "webhook_secret"} else value)
        session.flush()
        _note(session, row, "contract_sources", "changed", sorted(values))
        content, version = source_view(row, _read_until(session, row)), row.version
    return json_answer(content, headers={"ETag": etag_of(version)})


@router.get("/v1/exchange/runs", **answered(RunList), **action(READ))
def list_runs(
    scope: CallerScope,
    store: Store,
    source_id: RowId | None = None,
    kind: RunKind | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST_RUNS)] = 50,
) -> Response:
    """The newest pulls, reconciliations and retries."""
    query = select(SyncRun).order_by(SyncRun.created_at.desc(), SyncRun.id).limit(limit)
    query = query.where(SyncRun.source_id == source_id) if source_id is not None else query
    query = query.where(SyncRun.kind == kind) if kind is not None else query
    with store.session(scope, read_only=True) as session:
        return json_answer({"items": [view(row, SHOWN_RUN) for row in session.scalars(query)]})


@router.post("/v1/exchange/runs", **answered(RunView, 202), **action(WRITE))
def make_run(body: NewRun, scope: CallerScope, store: Store) -> Response:
    """Ask for a pull or a reconciliation now; a worker takes it up, its run tells what came of it."""
    if body.kind is RunKind.RETRY:
        zh, en = "重试请用 dead-letters/{id}:retry", "to retry use dead-letters/{id}:retry"
        raise ProblemError("INPUT_INVALID", errors=[FieldFault("WRONG_VALUE", "/kind", "retry", "pull", zh, en)])
    with store.session(scope) as session:
        return _queued(session, _source(session, body.source_id), body.kind)


@router.get("/v1/exchange/runs/{row_id}", **answered(RunView), **action(READ))
def read_run(row_id: RowPath, scope: CallerScope, store: Store) -> Response:
    """One run."""
    with store.session(scope, read_only=True) as session:
        row = session.scalars(select(SyncRun).where(SyncRun.id == row_id)).one_or_none()
        if row is None:
            raise ProblemError("NOT_FOUND")
        return json_answer(view(row, SHOWN_RUN))


@router.get("/v1/exchange/dead-letters", **answered(LetterPage), **action(READ))
def list_letters(query: Annotated[LetterQuery, Query()], scope: CallerScope, store: Store, config: Config) -> Response:
    """What was refused and why, by reference."""
    names = wanted_fields(query.fields, SHOWN_LETTER)
    rows = select(DeadLetter)
    for name in ("source_id", "state"):
        if getattr(query, name) is not None:
            rows = rows.where(getattr(DeadLetter, name) == getattr(query, name))
    with store.session(scope, read_only=True) as session:
        order = (DeadLetter.reference, DeadLetter.id)
        page = read_page(session, rows, order, query, config.signing_bytes, "dead-letters")
        items = [sparse(view(row, SHOWN_LETTER), names) for row in page.rows]
    return json_answer({"items": items, "next_cursor": page.next_cursor})


@router.post("/v1/exchange/dead-letters/{row_id}:retry", **answered(RunView, 202), **action(WRITE))
def retry_letter(row_id: RowPath, scope: CallerScope, store: Store) -> Response:
    """Read a refused record again from its source, where it may have been put right."""
    with store.session(scope) as session:
        letter = _letter(session, row_id)
        if letter.kind != RECORD:
            raise ProblemError(
                "CONFLICT", detail="只有记录可以重试；事件请对方重发 / only records; let the event be sent again"
            )
        return _queued(session, _source(session, letter.source_id), RunKind.RETRY, {"references": [letter.reference]})


@router.post("/v1/exchange/dead-letters/{row_id}:resolve", **answered(LetterView), **action(WRITE))
def resolve_letter(row_id: RowPath, scope: CallerScope, store: Store) -> Response:
    """Put a dead letter aside by hand; it opens again when the record is refused in a new version."""
    with store.session(scope) as session:
        letter = _letter(session, row_id)
        resolve(letter)
        _note(session, letter, "dead_letters", "resolved")
        content = view(letter, SHOWN_LETTER)
    return json_answer(content)


@router.get("/v1/exchange/outbox", **answered(OutboxPage), **action(READ))
def list_outbox(query: Annotated[OutboxQuery, Query()], scope: CallerScope, store: Store, config: Config) -> Response:
    """The messages to other systems, in the order of writing."""
    names = wanted_fields(query.fields, SHOWN_MESSAGE)
    rows = select(OutboxMessage)
    for name in ("source_id", "subscription_id", "topic", "state"):
        if getattr(query, name) is not None:
            rows = rows.where(getattr(OutboxMessage, name) == getattr(query, name))
    with store.session(scope, read_only=True) as session:
        page = read_page(session, rows, (OutboxMessage.number,), query, config.signing_bytes, "outbox")
        items = [sparse(view(row, SHOWN_MESSAGE), names) for row in page.rows]
    return json_answer({"items": items, "next_cursor": page.next_cursor})


@router.post("/v1/exchange/outbox/{row_id}:replay", **answered(OutboxView), **action(WRITE))
def replay_message(row_id: RowPath, scope: CallerScope, store: Store) -> Response:
    """Send a dead message again; refused when a later one of the same record was sent."""
    with store.session(scope) as session:
        try:
            row = replay(session, row_id)
        except (NotDead, Overtaken) as error:
            raise ProblemError("CONFLICT", detail=f"{error.message_zh} / {error.message_en}") from None
        if row is None:
            raise ProblemError("NOT_FOUND")
        append(session, row.organisation_id, WRITE, target_kind="outbox", target_id=row.id,
               details={"what": "replayed"})  # fmt: skip
        content = view(row, SHOWN_MESSAGE)
    return json_answer(content)


@router.get("/v1/exchange/subscriptions", **answered(SubscriptionList), **action(READ))
def list_subscriptions(scope: CallerScope, store: Store) -> Response:
    """Who is told about our events."""
    query = select(WebhookSubscription).order_by(WebhookSubscription.created_at, WebhookSubscription.id)
    with store.session(scope, read_only=True) as session:
        return json_answer({"items": [view(row, SHOWN_SUBSCRIPTION) for row in session.scalars(query)]})


@router.post("/v1/exchange/subscriptions", **answered(NewSubscriptionView, 201), **action(WRITE))
def make_subscription(body: NewSubscription, scope: CallerScope, store: Store) -> Response:
    """Subscribe to events; they are signed with the secret of the answer, which is shown this once."""
    owner = organisation_in(scope, body.organisation_id)
    _judge_address(body.url, "/url")
    with store.session(scope) as session:
        row, secret = subscribe(session, owner, body.url, body.events)
        _note(session, row, "webhook_subscriptions", "made")
        content = {**view(row, SHOWN_SUBSCRIPTION), "secret": secret}
    return json_answer(content, 201, {"Cache-Control": "no-store"})


@router.delete("/v1/exchange/subscriptions/{row_id}", **answered(None, 204), **action(WRITE))
def end_subscription(row_id: RowPath, scope: CallerScope, store: Store) -> Response:
    """End a subscription; what is still queued for it is not sent."""
    with store.session(scope) as session:
        row = session.scalars(select(WebhookSubscription).where(WebhookSubscription.id == row_id)).one_or_none()
        if row is None:
            raise ProblemError("NOT_FOUND")
        row.is_active = False
        _note(session, row, "webhook_subscriptions", "ended")
    return Response(status_code=204)


def _with_event() -> dict[str, Any]:
    said = action(RECEIVE)
    body = {"required": True, "content": {"application/json": {"schema": EVENT_BODY}}}
    return {**said, "openapi_extra": {**said["openapi_extra"], "requestBody": body}}


@router.post("/v1/webhooks/contract", **answered(EventAnswer), **_with_event())
async def receive_event(
    request: Request,
    scope: CallerScope,
    store: Store,
    source_id: Annotated[RowId, Header(alias="webhook-source", description="Our id of the contract system")],
    event_id: Annotated[str, Header(alias="webhook-id", max_length=64)],
    timestamp: Annotated[str, Header(alias="webhook-timestamp", max_length=12)],
    signature: Annotated[str, Header(alias="webhook-signature", max_length=1000)],
) -> Response:
    """Take an event of a contract system: signed with HMAC-SHA256 over `id.timestamp.body`, counted once by its id."""
    body = await request.body()

    def take() -> Received:
        with store.session(scope) as session:
            return receive(session, source_id, Signed(event_id, timestamp, signature), body)

    try:
        received = await run_in_threadpool(take)
    except BadSignature as error:
        raise ProblemError("SIGNATURE_INVALID", detail=f"{error.message_zh} / {error.message_en}") from None
    except BadEvent as error:
        raise _bad_event(error) from None
    except UnknownSource:
        raise ProblemError("NOT_FOUND") from None
    reasons = as_reasons(received.faults)
    return json_answer({"state": str(received.taken), "type": received.kind, "reasons": reasons})


def _bad_event(error: BadEvent) -> ProblemError:
    detail = f"{error.message_zh} / {error.message_en}"
    if error.code == "TOO_LARGE":
        return ProblemError("BODY_TOO_LARGE", detail=detail, extra={"limit_bytes": MOST_BYTES})
    return ProblemError("MALFORMED_JSON" if error.code == "NOT_JSON" else "CONFLICT", detail=detail)


def _source(session: Session, row_id: str) -> ContractSource:
    try:
        return get_source(session, row_id)
    except UnknownSource:
        raise ProblemError("NOT_FOUND") from None


def _letter(session: Session, row_id: str) -> DeadLetter:
    row = session.scalars(select(DeadLetter).where(DeadLetter.id == row_id)).one_or_none()
    if row is None:
        raise ProblemError("NOT_FOUND")
    return row


def _queued(session: Session, source: ContractSource, kind: RunKind, details: dict[str, Any] | None = None) -> Response:
    """The answer for a run that is now queued; the caller's session commits when its block ends."""
    run = queue_run(session, source, kind, details)
    _note(session, source, "contract_sources", str(kind))
    session.commit()  # a write is committed before it is answered
    return json_answer(view(run, SHOWN_RUN), 202, {"Location": f"/v1/exchange/runs/{run.id}"})


def _read_until(session: Session, row: ContractSource) -> Any:
    return session.scalars(select(SyncCursor.position_at).where(SyncCursor.source_id == row.id)).one_or_none()


def _note(session: Session, row: Any, kind: str, what: str, fields: list[str] | None = None) -> None:
    details = {"what": what, **({"fields": fields} if fields else {})}
    append(session, row.organisation_id, WRITE, target_kind=kind, target_id=row.id, details=details)


def _judge_address(url: str, pointer: str = "/base_url") -> None:
    try:
        judge_address(url)
    except BadAddress as error:
        raise _input_invalid(pointer, error) from None


def _input_invalid(pointer: str, error: ContractError) -> ProblemError:
    fault = FieldFault("WRONG_VALUE", pointer, "***", error.message_en, error.message_zh, error.message_en)
    return ProblemError("INPUT_INVALID", errors=[fault])
