"""Follow-ups and their history, as the first version makes them."""

import sqlalchemy as sa
from alembic import op


def _create_follow_ups() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("resident_id", sa.String(length=32), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("earliest", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("latest", sa.Date(), nullable=True),
        sa.Column("hard_end", sa.Boolean(), nullable=True),
        sa.Column("deadline", sa.String(), nullable=True),
        sa.Column("channels", sa.String(), nullable=True),
        sa.Column("home_minutes", sa.Integer(), nullable=True),
        sa.Column("patrol_minutes", sa.Integer(), nullable=True),
        sa.Column("phone_minutes", sa.Integer(), nullable=True),
        sa.Column("needs", sa.String(), nullable=True),
        sa.Column("patrol_needs", sa.String(), nullable=True),
        sa.Column("head_count", sa.Integer(), nullable=True),
        sa.Column("times", sa.String(), nullable=True),
        sa.Column("resident_times", sa.String(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("order_class", sa.String(), nullable=True),
        sa.Column("preferred", sa.String(), nullable=True),
        sa.Column("patrol_sites", sa.String(), nullable=True),
        sa.Column("joint", sa.String(), nullable=True),
        sa.Column("service_class", sa.String(), nullable=True),
        sa.Column("assessed", sa.Boolean(), nullable=True),
        sa.Column("consented", sa.Boolean(), nullable=True),
        sa.Column("carer", sa.Boolean(), nullable=True),
        sa.Column("contract_end", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("source_version", sa.String(), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_status", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_follow_ups_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_follow_ups_resident_id_residents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
        sa.UniqueConstraint("organisation_id", "external_id", name=op.f("uq_follow_ups_organisation_id_external_id")),
    )
    op.create_index("ix_follow_ups_changed", "follow_ups", ["organisation_id", "updated_at", "id"], unique=False)
    op.create_index("ix_follow_ups_due", "follow_ups", ["organisation_id", "plan_status", "due"], unique=False)
    op.create_index(op.f("ix_follow_ups_organisation_id"), "follow_ups", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_follow_ups_resident_id"), "follow_ups", ["resident_id"], unique=False)
    op.create_index("ix_follow_ups_source", "follow_ups", ["organisation_id", "source", "external_id"], unique=False)
    op.create_index(
        "ix_follow_ups_source_changed", "follow_ups", ["organisation_id", "source", "source_updated_at"], unique=False
    )


def _create_follow_up_statuses() -> None:
    op.create_table(
        "follow_up_statuses",
        sa.Column("follow_up_id", sa.String(length=32), nullable=False),
        sa.Column("plan_status", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_ups.id"], name=op.f("fk_follow_up_statuses_follow_up_id_follow_ups")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_follow_up_statuses_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_statuses")),
    )
    op.create_index("ix_follow_up_statuses_order", "follow_up_statuses", ["follow_up_id", "at"], unique=False)
    op.create_index(
        op.f("ix_follow_up_statuses_organisation_id"), "follow_up_statuses", ["organisation_id"], unique=False
    )


def create() -> None:
    """Create the tables."""
    _create_follow_ups()
    _create_follow_up_statuses()
