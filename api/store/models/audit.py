"""The audit log: rows are only added, and every row carries a digest of itself and of the row before it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import ID_LENGTH, Base, new_id, now

SYSTEM_CHAIN = "system"
"""The chain of what concerns no single organisation."""


class AuditEntry(Base):
    """One thing that somebody did or read; ids only, never a word about a person."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        UniqueConstraint("chain", "number"),
        Index("ix_audit_entries_at", "organisation_id", "at", "id"),
        Index("ix_audit_entries_target", "organisation_id", "target_kind", "target_id"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    organisation_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), ForeignKey("organisations.id"), default=None)
    chain: Mapped[str] = mapped_column(String(ID_LENGTH))
    """The organisation's id, or `SYSTEM_CHAIN`."""
    number: Mapped[int]
    """Counts the entries of a chain from 1."""
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str] = mapped_column(default="")
    """Opaque id of an account or a system."""
    action: Mapped[str]
    """Such as plans:publish or residents:read_personal."""
    target_kind: Mapped[str] = mapped_column(default="")
    target_id: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    previous_digest: Mapped[str] = mapped_column(String(64), default="")
    digest: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The end of a chain; whoever appends holds its row until the transaction ends."""

    __tablename__ = "audit_heads"

    chain: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    organisation_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), ForeignKey("organisations.id"), default=None)
    number: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(String(64), default="")
