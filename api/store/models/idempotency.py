"""Answers kept under the Idempotency-Key of their request, so that a request sent twice is done once."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base, Identified, Scoped

LONGEST_KEY = 128


class IdempotentAnswer(Identified, Scoped, Base):
    """One key of one caller: being worked on while `status` is None, else with the answer that was given.

    `claim` is new with every try, so that a try that was taken over cannot finish. Answers hold ids only.
    """

    __tablename__ = "idempotent_answers"
    __table_args__ = (
        UniqueConstraint("organisation_id", "actor", "key"),
        Index("ix_idempotent_answers_expires", "expires_at"),
    )

    actor: Mapped[str]
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Keyed digest of method, path and body."""
    claim: Mapped[str] = mapped_column(String(32))
    claimed_until: Mapped[datetime]
    """A try that has not finished by then may be taken over."""
    expires_at: Mapped[datetime]
    status: Mapped[int | None] = mapped_column(default=None)
    headers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    content: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
