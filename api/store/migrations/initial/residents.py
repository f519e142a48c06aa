"""Households and residents, as the first version makes them."""

import sqlalchemy as sa
from alembic import op


def _create_households() -> None:
    op.create_table(
        "households",
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_households_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
        sa.UniqueConstraint("organisation_id", "external_id", name=op.f("uq_households_organisation_id_external_id")),
    )
    op.create_index(op.f("ix_households_organisation_id"), "households", ["organisation_id"], unique=False)


def _create_residents() -> None:
    op.create_table(
        "residents",
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("household", sa.String(), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("id_card", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.String(), nullable=True),
        sa.Column("id_card_index", sa.String(), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_residents_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residents")),
        sa.UniqueConstraint("organisation_id", "external_id", name=op.f("uq_residents_organisation_id_external_id")),
    )
    op.create_index("ix_residents_changed", "residents", ["organisation_id", "updated_at", "id"], unique=False)
    op.create_index("ix_residents_id_card", "residents", ["organisation_id", "id_card_index"], unique=False)
    op.create_index(op.f("ix_residents_organisation_id"), "residents", ["organisation_id"], unique=False)
    op.create_index("ix_residents_phone", "residents", ["organisation_id", "phone_index"], unique=False)


def create() -> None:
    """Create the tables."""
    _create_households()
    _create_residents()
