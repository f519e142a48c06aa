"""Making, changing and taking away rows of a resource: judged first, audited in the same transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.service.conditions import check_version
from api.service.judging import judge_row
from api.service.problems import FieldFault, ProblemError
from api.service.resources import Resource
from api.service.sheets import coded, column_names, field_name
from api.store.audit import append
from api.store.base import OfTeam
from api.store.models.follow_ups import FollowUp
from api.store.models.resources import Member, Patrol, Site, Team, Vehicle
from api.store.scope import Everything, Scope, scope_of
from optimizer.tables.privacy import tells_who

REFERENCES: Mapping[str, tuple[tuple[Any, str], ...]] = {
    "sites": (
        *((Site, "village"), (Team, "base"), (Member, "base"), (Vehicle, "base"), (Patrol, "site")),
        (FollowUp, "site"),
    ),
    "teams": ((Member, "team"), (Patrol, "team"), (FollowUp, "team")),
}
"""Who may name a row by its external id, by the row's sheet."""
MOST_NAMED = 20


def organisation_in(scope: Scope, given: str | None) -> str:
    """The organisation that a new row is for. Raises ProblemError when it is not the caller's or not clear."""
    if given is not None:
        if not scope.has(given):
            raise ProblemError("FOREIGN_ORGANISATION")
        return given
    ids = () if isinstance(scope.organisation_ids, Everything) else tuple(scope.organisation_ids)
    if len(ids) != 1:
        raise ProblemError("ORGANISATION_NEEDED")
    return ids[0]


def find_row(session: Session, resource: Resource, row_id: str) -> Any:
    """The live row of an id. Raises ProblemError when there is none in sight."""
    row = session.scalars(select(resource.kind).where(resource.kind.id == row_id)).one_or_none()
    if row is None or getattr(row, "is_deleted", False):
        raise ProblemError("NOT_FOUND")
    return row


def make_row(
    session: Session,
    resource: Resource,
    organisation_id: str,
    values: Mapping[str, Any],
    known: Sequence[FieldFault] = (),
) -> Any:
    """A new row from the fields of a body. Raises ProblemError with every fault, those known already among them."""
    fields = _coded(resource, values)
    row = resource.kind(organisation_id=organisation_id, **fields)
    _judge(session, resource, organisation_id, fields, own_id="", known=known)
    _judge_team(session, row)
    session.add(row)
    session.flush()
    _note(session, resource, row, "made", fields)
    return row


def change_row(
    session: Session, resource: Resource, row_id: str, values: Mapping[str, Any], if_match: str | None
) -> Any:
    """A row with the given fields changed. Raises ProblemError with every fault, 428 and 412."""
    row = find_row(session, resource, row_id)
    check_version(if_match, row.version)
    fields = _coded(resource, values)
    _judge_team(session, row)
    _judge(session, resource, row.organisation_id, _before(resource, row) | fields, own_id=row.id)
    _judge_renaming(session, resource, row, fields)
    for name, value in fields.items():
        setattr(row, name, value)
    _judge_team(session, row)
    session.flush()
    _note(session, resource, row, "changed", fields)
    return row


def take_away(session: Session, resource: Resource, row_id: str, if_match: str | None) -> None:
    """Leave a tombstone in place of a row. Raises ProblemError, also while others refer to it."""
    row = find_row(session, resource, row_id)
    check_version(if_match, row.version)
    _judge_team(session, row)
    users = referring(session, resource, row)
    if users:
        raise ProblemError("IN_USE", errors=users)
    row.is_deleted = True
    session.flush()
    _note(session, resource, row, "deleted", {})


def referring(session: Session, resource: Resource, row: Any) -> list[FieldFault]:
    """The live rows that name a row, the first ones of each table."""
    found = []
    for kind, name in REFERENCES.get(resource.sheet, ()):
        query = select(kind).where(
            kind.organisation_id == row.organisation_id,
            kind.is_deleted.is_(False),
            getattr(kind, name) == row.external_id,
            kind.id != row.id,
        )
        for user in session.scalars(query.order_by(kind.id).limit(MOST_NAMED)):
            place = f"/{kind.__tablename__.replace('_', '-')}/{user.id}/{name}"
            advice = "先修改或删除这条记录", "Change or delete this record first"
            found.append(FieldFault("IN_USE", place, row.external_id, "another id", *advice, place="stored"))
    return found


def judge_fields(
    session: Session, resource: Resource, organisation_id: str, values: Mapping[str, Any], own_id: str = ""
) -> list[FieldFault]:
    """What is wrong with the fields of a row that is made, or in place of one that there is."""
    fields = _coded(resource, values)
    cells = {key: fields.get(field_name(key)) for key in column_names(resource.sheet)}
    if resource.sheet == "followups":
        cells["resident"] = "R1"  # who it is does not matter to the judge
    with session.no_autoflush:
        faults = judge_row(session, organisation_id, resource.sheet, cells, own_id=own_id)
    if tells_who(str(fields.get("external_id") or "")) and not any(fault.code == "PERSONAL_ID" for fault in faults):
        faults.append(personal_id())
    return faults


def judge_change(session: Session, resource: Resource, row: Any, values: Mapping[str, Any]) -> list[FieldFault]:
    """What is wrong with fields that a row shall have."""
    return judge_fields(session, resource, row.organisation_id, _before(resource, row) | dict(values), row.id)


def _before(resource: Resource, row: Any) -> dict[str, Any]:
    """The fields of a row as they are."""
    return {field_name(key): _stored(resource, row, key) for key in resource.written}


def _stored(resource: Resource, row: Any, key: str) -> Any:
    """The value that is kept; sealed words are not opened to judge a row."""
    return None if key in resource.sealed else getattr(row, field_name(key))


def _coded(resource: Resource, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with words as codes and empty texts as nothing."""
    keys = {field_name(key): key for key in resource.written}
    coded_values = {name: coded(resource.sheet, keys.get(name, name), value) for name, value in values.items()}
    return {name: None if value == "" else value for name, value in coded_values.items()}


def _judge(
    session: Session,
    resource: Resource,
    organisation_id: str,
    fields: Mapping[str, Any],
    *,
    own_id: str,
    known: Sequence[FieldFault] = (),
) -> None:
    """Raises ProblemError with the faults known already and those found."""
    faults = [*known, *judge_fields(session, resource, organisation_id, fields, own_id)]
    if faults:
        raise ProblemError("INPUT_INVALID", errors=faults)


def personal_id() -> FieldFault:
    """The fault of an id that tells who somebody is."""
    advice = "编号不能含姓名、手机号或身份证号；改用序号", "No name, mobile or identity number in an id: use a number"
    return FieldFault("PERSONAL_ID", "/external_id", "***", "an opaque id", *advice)


def _judge_renaming(session: Session, resource: Resource, row: Any, fields: Mapping[str, Any]) -> None:
    if fields.get("external_id", row.external_id) != row.external_id:
        users = referring(session, resource, row)
        if users:
            raise ProblemError("IN_USE", errors=users)


def _judge_team(session: Session, row: Any) -> None:
    """Raises ProblemError when the row's team is not one that the caller may change."""
    scope = scope_of(session)
    is_of_team = isinstance(row, OfTeam | Member)
    if is_of_team and not scope.has_team(row.team):
        raise ProblemError("NOT_ALLOWED", detail="a team that is not yours / 不是您的团队")


def _note(session: Session, resource: Resource, row: Any, what: str, fields: Mapping[str, Any]) -> None:
    """The audit entry of a change: names of fields, never their values."""
    append(
        session,
        row.organisation_id,
        resource.write,
        target_kind=row.__tablename__,
        target_id=row.id,
        details={"what": what, "fields": sorted(fields)},
    )
