"""One row of every table for each organisation, made from the tables themselves: a new table needs no word here.

Every text of a row begins with a mark of its organisation: an answer to others that holds it has told too much.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Table, select
from sqlalchemy.orm import Session

from api.store.base import Base, Moment, Scoped
from api.store.crypto import encrypted_attributes
from api.store.database import Database
from api.store.models.audit import AuditEntry
from api.store.models.jobs import JobState
from api.store.models.organisations import Organisation
from api.store.models.plans import PlanState
from api.store.scope import everything

TEAM, MEMBER, SITE, WEEK, DAY = "T01", "M001", "B01", "2026-W48", date(2026, 11, 25)
START = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
FIXED: dict[str, str] = {
    "team": TEAM,
    "site": SITE,
    "base": SITE,
    "week": WEEK,
    "rule": "HTN_ROUTINE",
    "field": "周一至周五",
    "half_days": "周一上午",
    "mode": "car",
    "channel": "home",
    "key": "working_days",
    "value": "周一至周五",
}
"""Columns by name that hold something meaningful in every table; the same in every organisation."""
OF_TABLE: dict[str, dict[str, Any]] = {
    "jobs": {"state": JobState.COMPLETED.value},  # an open job would keep its event stream open
    "plans": {"state": PlanState.PUBLISHED.value},
    "sites": {"kind": "base", "external_id": SITE, "latitude": 36.7, "longitude": 118.8},
    "members": {"external_id": MEMBER, "role": "GP"},
    "teams": {"external_id": TEAM},
    "stops": {"members": [MEMBER], "start_at": START, "end_at": START, "arrival_at": START},
    "accounts": {"roles": ["clinician"]},
    "api_keys": {"role": "analyst", "actions": ["plans:read"]},
    "outbox": {"subscription_id": None},
}
NOT_SEEDED = frozenset({"audit_heads", "audit_entries"})  # the log writes itself


@dataclass(frozen=True, slots=True)
class Seeds:
    """Ids of the rows of one organisation by table."""

    organisation_id: str
    ids: Mapping[str, str]


def scoped_classes() -> list[type[Any]]:
    """Mapped classes whose rows belong to an organisation, parents before children."""
    by_table: dict[str, type[Any]] = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    return [
        by_table[table.name]
        for table in Base.metadata.sorted_tables
        if table.name in by_table and issubclass(by_table[table.name], Scoped) and table.name not in NOT_SEEDED
    ]


def seed(database: Database, organisation_id: str, prefix: str) -> Seeds:
    """One row of every table for an organisation; `prefix` begins every text."""
    ids: dict[str, str] = {"organisations": organisation_id}
    with database.session(everything("seeds")) as session:
        for kind in scoped_classes():
            row = _row(kind, organisation_id, prefix, ids)
            session.add(row)
            session.flush()
            if "id" in kind.__table__.columns:
                ids[kind.__table__.name] = str(row.id)
    return Seeds(organisation_id, ids)


def snapshot(database: Database, organisation_ids: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
    """Everything that is stored for some organisations, without the log of who read it."""
    with database.session(everything("seeds"), read_only=True) as session:
        found = {kind.__table__.name: _rows_of(session, kind, organisation_ids) for kind in scoped_classes()}
        rows = session.scalars(select(Organisation).where(Organisation.id.in_(organisation_ids)))
        return found | {"organisations": [_values(row) for row in rows]}


def audit_count(database: Database, organisation_ids: tuple[str, ...]) -> int:
    """How many entries the logs of some organisations have."""
    with database.session(everything("seeds"), read_only=True) as session:
        return len(session.scalars(select(AuditEntry).where(AuditEntry.organisation_id.in_(organisation_ids))).all())


def _rows_of(session: Session, kind: type[Any], organisation_ids: tuple[str, ...]) -> list[dict[str, Any]]:
    key = list(kind.__table__.primary_key.columns)
    rows = select(kind).where(kind.organisation_id.in_(organisation_ids)).order_by(*key)
    return [_values(row) for row in session.scalars(rows)]


def _values(row: Any) -> dict[str, Any]:
    return {prop.key: getattr(row, prop.key) for prop in row.__mapper__.column_attrs}


def _row(kind: type[Any], organisation_id: str, prefix: str, ids: Mapping[str, str]) -> Any:
    table: Table = kind.__table__
    keys = {column.name: attribute.key for attribute in kind.__mapper__.column_attrs for column in attribute.columns}
    sealed = {attribute.behind for attribute in encrypted_attributes(kind)}
    special = OF_TABLE.get(table.name, {})
    values: dict[str, Any] = {}
    for column in table.columns:
        name = keys[column.name]
        if name in special:
            values[name] = special[name]
        elif name in sealed or name == "id":
            continue
        elif (value := _value(table, column, organisation_id, prefix, ids)) is not None:
            is_list = value == {} and "list[" in str(kind.__annotations__.get(name))
            values[name] = [] if is_list else value
    values |= {attribute.name: f"{prefix} {attribute.name}" for attribute in encrypted_attributes(kind)}
    row = kind()
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _value(table: Table, column: Column[Any], organisation_id: str, prefix: str, ids: Mapping[str, str]) -> Any:
    """Something that the column takes; None where it may be left alone."""
    if column.name == "organisation_id":
        return organisation_id
    for key in column.foreign_keys:
        return ids.get(key.column.table.name)
    if column.name in FIXED:
        return FIXED[column.name]
    if column.primary_key and len(table.primary_key) == 1 and _kind(column) is int:
        return None  # the database counts
    needed = not column.nullable and column.default is None and column.server_default is None
    if not needed and not (_kind(column) is str and column.nullable and column.name in {"name", "note", "address"}):
        return None
    allowed = _allowed(table, column.name)
    return allowed[-1] if allowed else _sample(table, column, prefix)


def _allowed(table: Table, name: str) -> list[str]:
    """The values of a check constraint such as state IN ('a', 'b')."""
    for rule in table.constraints:
        if isinstance(rule, CheckConstraint) and str(rule.sqltext).startswith(f"{name} IN"):
            return re.findall(r"'([^']+)'", str(rule.sqltext))
    return []


def _kind(column: Column[Any]) -> type:
    return datetime if isinstance(column.type, Moment) else column.type.python_type


def _sample(table: Table, column: Column[Any], prefix: str) -> Any:
    kind = _kind(column)
    if kind is str:
        return f"{prefix}-{table.name}-{column.name}"[: getattr(column.type, "length", None) or 200]
    samples: dict[type, Any] = {
        bool: False,
        int: 1,
        float: 1.0,
        date: DAY,
        datetime: START,
        bytes: zlib.compress(b"{}"),
        object: {},  # JSON
    }
    return samples[kind]
