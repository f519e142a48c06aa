"""A new key for personal words: everything that an older key sealed is sealed anew, row by row, while the service runs.

Put the new key first on the ring and keep the old ones; when this has run, the old ones can go. The key of the blind
indexes and of the audit chain stays: changing it would lose both.
"""

from typing import Any

from sqlalchemy import inspect, select, update
from sqlalchemy.orm import Session

from api.store.base import Base, Versioned
from api.store.crypto import KEYS, KeyRing, encrypted_attributes, key_id_of
from api.store.database import Database
from api.store.scope import everything

ROWS_AT_ONCE = 500


def reseal(database: Database) -> dict[str, int]:
    """Seal with the current key what an older one sealed; gives the rows per table. Safe to run again after a stop.

    Raises UnknownKeyError when the key of a value is missing on the ring.
    """
    kinds = [mapper.class_ for mapper in Base.registry.mappers if encrypted_attributes(mapper.class_)]
    return {kind.__tablename__: _reseal_table(database, kind) for kind in sorted(kinds, key=lambda k: k.__tablename__)}


def _reseal_table(database: Database, kind: Any) -> int:
    count, last = 0, ""
    while True:
        with database.session(everything("key rotation")) as session:
            rows = session.scalars(select(kind).where(kind.id > last).order_by(kind.id).limit(ROWS_AT_ONCE)).all()
            count += sum(_reseal_row(session, kind, row) for row in rows)
            if len(rows) < ROWS_AT_ONCE:
                return count
            last = rows[-1].id


def _reseal_row(session: Session, kind: Any, row: Any) -> bool:
    """Seal a row's old values anew, past its version: what it says does not change."""
    keys: KeyRing = session.info[KEYS]
    values = {}
    for attribute in encrypted_attributes(kind):
        value = getattr(row, attribute.behind)
        if isinstance(value, bytes) and key_id_of(value) != keys.current:
            place = attribute.place_of(row)
            values[attribute.behind] = keys.seal(keys.open(value, place), place)
    if not values:
        return False
    if issubclass(kind, Versioned) and "updated_at" in inspect(kind).columns:
        values["updated_at"] = kind.updated_at
    unchanged = [getattr(kind, name) == getattr(row, name) for name in values if name != "updated_at"]
    done = update(kind).where(kind.id == row.id, *unchanged).values(values)
    session.execute(done, execution_options={"synchronize_session": False})
    return True
