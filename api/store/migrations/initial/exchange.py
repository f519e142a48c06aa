"""The exchange with contract systems, as the first version makes them."""

import sqlalchemy as sa
from alembic import op


def _create_contract_sources() -> None:
    op.create_table(
        "contract_sources",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("vendor", sa.String(length=64), nullable=False),
        sa.Column("base_url", sa.String(length=500), nullable=False),
        sa.Column("page_rows", sa.Integer(), nullable=False),
        sa.Column("overlap_seconds", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("webhook_secret", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_contract_sources_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_sources")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_contract_sources_organisation_id_name")),
    )
    op.create_index(op.f("ix_contract_sources_organisation_id"), "contract_sources", ["organisation_id"], unique=False)


def _create_webhook_subscriptions() -> None:
    op.create_table(
        "webhook_subscriptions",
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_webhook_subscriptions_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_subscriptions")),
    )
    op.create_index(
        op.f("ix_webhook_subscriptions_organisation_id"), "webhook_subscriptions", ["organisation_id"], unique=False
    )


def _create_dead_letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("record_version", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("times_seen", sa.Integer(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("state IN ('open', 'resolved')", name=op.f("ck_dead_letters_state")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_dead_letters_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["contract_sources.id"], name=op.f("fk_dead_letters_source_id_contract_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
        sa.UniqueConstraint("source_id", "kind", "reference", name=op.f("uq_dead_letters_source_id_kind_reference")),
    )
    op.create_index(op.f("ix_dead_letters_organisation_id"), "dead_letters", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_dead_letters_source_id"), "dead_letters", ["source_id"], unique=False)


def _create_exchange_records() -> None:
    op.create_table(
        "exchange_records",
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("record_version", sa.BigInteger(), nullable=False),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_code", sa.String(length=16), nullable=False),
        sa.Column("business_code", sa.String(length=16), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("follow_up_id", sa.String(length=32), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("state IN ('accepted', 'closed', 'refused')", name=op.f("ck_exchange_records_state")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_exchange_records_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["contract_sources.id"], name=op.f("fk_exchange_records_source_id_contract_sources")
        ),
        sa.PrimaryKeyConstraint("source_id", "external_id", name=op.f("pk_exchange_records")),
    )
    op.create_index(op.f("ix_exchange_records_follow_up_id"), "exchange_records", ["follow_up_id"], unique=False)
    op.create_index(op.f("ix_exchange_records_organisation_id"), "exchange_records", ["organisation_id"], unique=False)


def _create_inbox_events() -> None:
    op.create_table(
        "inbox_events",
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_inbox_events_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["contract_sources.id"], name=op.f("fk_inbox_events_source_id_contract_sources")
        ),
        sa.PrimaryKeyConstraint("source_id", "event_id", name=op.f("pk_inbox_events")),
    )
    op.create_index(op.f("ix_inbox_events_organisation_id"), "inbox_events", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_inbox_events_received_at"), "inbox_events", ["received_at"], unique=False)


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_id", sa.String(length=32), nullable=True),
        sa.Column("subscription_id", sa.String(length=32), nullable=True),
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("order_key", sa.String(length=160), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("message_zh", sa.String(length=500), nullable=True),
        sa.Column("message_en", sa.String(length=500), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'sent', 'dead')", name=op.f("ck_outbox_state")),
        sa.CheckConstraint("topic IN ('appointment', 'outcome', 'plan.published')", name=op.f("ck_outbox_topic")),
        sa.CheckConstraint("(source_id IS NULL) <> (subscription_id IS NULL)", name=op.f("ck_outbox_destination")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_outbox_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["contract_sources.id"], name=op.f("fk_outbox_source_id_contract_sources")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["webhook_subscriptions.id"],
            name=op.f("fk_outbox_subscription_id_webhook_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
    )
    op.create_index("ix_outbox_due", "outbox", ["state", "next_attempt_at"], unique=False)
    op.create_index("ix_outbox_order", "outbox", ["order_key", "number"], unique=False)
    op.create_index(op.f("ix_outbox_organisation_id"), "outbox", ["organisation_id"], unique=False)
    op.create_index("ix_outbox_week", "outbox", ["source_id", "week"], unique=False)


def _create_sync_cursors() -> None:
    op.create_table(
        "sync_cursors",
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("position_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position_id", sa.String(length=64), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_sync_cursors_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["contract_sources.id"], name=op.f("fk_sync_cursors_source_id_contract_sources")
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_sync_cursors")),
    )
    op.create_index(op.f("ix_sync_cursors_organisation_id"), "sync_cursors", ["organisation_id"], unique=False)


def _create_sync_runs() -> None:
    op.create_table(
        "sync_runs",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("message_zh", sa.String(length=500), nullable=True),
        sa.Column("message_en", sa.String(length=500), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("kind IN ('pull', 'reconcile', 'retry')", name=op.f("ck_sync_runs_kind")),
        sa.CheckConstraint("state IN ('queued', 'running', 'completed', 'failed')", name=op.f("ck_sync_runs_state")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_sync_runs_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["contract_sources.id"], name=op.f("fk_sync_runs_source_id_contract_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_runs")),
    )
    op.create_index(op.f("ix_sync_runs_organisation_id"), "sync_runs", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_sync_runs_source_id"), "sync_runs", ["source_id"], unique=False)


def create() -> None:
    """Create the tables."""
    _create_contract_sources()
    _create_webhook_subscriptions()
    _create_dead_letters()
    _create_exchange_records()
    _create_inbox_events()
    _create_outbox()
    _create_sync_cursors()
    _create_sync_runs()
