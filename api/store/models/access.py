"""Accounts, API keys, login sessions, and what guards them. Secrets are kept as digests only."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import ID_LENGTH, Base, Identified, Scoped, Versioned
from api.store.crypto import Encrypted, SealedValue, sealed_column

NAME_LENGTH = 100
DIGEST_LENGTH = 64


class Account(Identified, Scoped, Versioned, Base):
    """A person who may sign in, with a password or through the organisation's single sign-on.

    `team_external_ids` are the teams that a leader leads or a clinician works in; `member_external_id` says which
    member of the staff it is. No name of the person is kept: `name` is what is typed at log-in.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        Index("uq_accounts_name", "name", unique=True),
        Index(
            "uq_accounts_oidc_subject",
            "oidc_issuer",
            "oidc_subject",
            unique=True,
            sqlite_where=text("oidc_subject IS NOT NULL"),
            postgresql_where=text("oidc_subject IS NOT NULL"),
        ),
    )

    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    roles: Mapped[list[str]] = mapped_column(JSON)
    team_external_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    member_external_id: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    is_active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_changed_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    second_factor_sealed: Mapped[SealedValue] = sealed_column("second_factor")
    second_factor = Encrypted("second_factor_sealed")
    second_factor_confirmed_at: Mapped[datetime | None]
    second_factor_step: Mapped[int] = mapped_column(default=0)  # the last time step used: a code works once
    oidc_issuer: Mapped[str | None] = mapped_column(String(300))
    oidc_subject: Mapped[str | None] = mapped_column(String(300))


class ApiKey(Identified, Scoped, Base):
    """A key of a system: a public prefix to find it by and the digest of its secret."""

    __tablename__ = "api_keys"

    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    secret_digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    role: Mapped[str] = mapped_column(String(30))
    actions: Mapped[list[str]] = mapped_column(JSON)
    team_external_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    made_by: Mapped[str] = mapped_column(String(NAME_LENGTH))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class LoginSession(Identified, Base):
    """One sign-in of one account, known by the digest of its token."""

    __tablename__ = "login_sessions"

    account_id: Mapped[str] = mapped_column(
        String(ID_LENGTH), ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    token_digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    has_second_factor: Mapped[bool] = mapped_column(default=False)
    by_single_sign_on: Mapped[bool] = mapped_column(default=False)
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LoginGuard(Base):
    """Failures of one log-in name, known or not, by the name's digest; so a lock tells nobody whether a name exists."""

    __tablename__ = "login_guards"

    name_digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_failed_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class SignOnAttempt(Base):
    """A single sign-on under way: what the provider's answer has to fit. Used once."""

    __tablename__ = "sign_on_attempts"

    state_digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    code_verifier: Mapped[str] = mapped_column(String(128))
    return_path: Mapped[str] = mapped_column(String(300), default="/")
    expires_at: Mapped[datetime] = mapped_column(index=True)


__all__ = ["Account", "ApiKey", "LoginGuard", "LoginSession", "SignOnAttempt"]
