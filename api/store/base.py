"""What every table has in common: names of constraints, ids, moments in UTC, organisation scope, optimistic locking."""

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import uuid4

from sqlalchemy import DateTime, Dialect, ForeignKey, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
ID_LENGTH = 32


class Moment(TypeDecorator[datetime]):
    """A moment: only aware values go in, UTC is stored, aware UTC comes out, on every database alike."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raises ValueError on a moment without an offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs an offset, found {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite forgets the offset."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    """A random id, 32 hexadecimal digits."""
    return uuid4().hex


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment}


class Identified:
    """A random id, and when the row was made."""

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Scoped:
    """A row that belongs to one organisation; `store.scope` limits every query on it."""

    @declared_attr
    def organisation_id(cls) -> Mapped[str]:
        """The organisation that may see the row."""
        return mapped_column(String(ID_LENGTH), ForeignKey("organisations.id"), index=True)


class OfTeam:
    """A row of one team; who may see some teams only sees those rows and the rows of no team."""

    team: Mapped[str | None] = mapped_column(default=None)
    """External id of the team."""


class Versioned:
    """Optimistic locking: an update of a row that somebody else has changed raises StaleDataError."""

    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        """The version column of the mapper."""
        return {"version_id_col": cls.__dict__.get("version") or cls.version}
