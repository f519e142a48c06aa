"""The version of one row in sight, for readers who may know the rest already.

A session with its limits on every statement takes four times as long as this one small query, which a much read
service asks before every answer. The walls are the same two: the scope is judged here, and PostgreSQL is told it.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select, text

from api.store.base import Base, OfTeam, Scoped, Versioned
from api.store.database import Database
from api.store.scope import TELL_SCOPE, Scope, told_scope


def version_in_sight(database: Database, scope: Scope, kind: type[Base], row_id: str) -> int | None:
    """The version of the row of a versioned table; None when there is none of that id in sight."""
    with database.reading() as connection:
        if not database.is_sqlite:
            connection.execute(text(TELL_SCOPE), told_scope(scope))
        row = connection.execute(_query(kind), {"row_id": row_id}).one_or_none()
    if row is None or not scope.has(row.organisation_id) or not scope.has_team(row.team):
        return None
    return int(row.version)


@lru_cache(maxsize=100)
def _query(kind: type[Base]) -> Select[Any]:
    """Raises TypeError for a table without organisation or version."""
    if not issubclass(kind, Scoped) or not issubclass(kind, Versioned):
        raise TypeError(f"{kind.__name__} has no organisation or no version")
    columns = kind.__table__.columns
    team = columns["team"] if issubclass(kind, OfTeam) else text("NULL AS team")
    return select(columns["version"], columns["organisation_id"], team).where(columns["id"] == bindparam("row_id"))
