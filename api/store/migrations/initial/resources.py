"""Sites, teams, members, vehicles and patrols, as the first version makes them."""

import sqlalchemy as sa
from alembic import op


def _create_members() -> None:
    op.create_table(
        "members",
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=True),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("skills", sa.String(), nullable=True),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=True),
        sa.Column("drives", sa.String(), nullable=True),
        sa.Column("max_field_minutes", sa.Integer(), nullable=True),
        sa.Column("max_half_days", sa.Integer(), nullable=True),
        sa.Column("fair_half_days", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_members_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("organisation_id", "external_id", name=op.f("uq_members_organisation_id_external_id")),
    )
    op.create_index("ix_members_changed", "members", ["organisation_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_members_organisation_id"), "members", ["organisation_id"], unique=False)


def _create_patrols() -> None:
    op.create_table(
        "patrols",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=True),
        sa.Column("half_days", sa.String(), nullable=False),
        sa.Column("usual", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("needs", sa.String(), nullable=True),
        sa.Column("min_members", sa.Integer(), nullable=True),
        sa.Column("max_members", sa.Integer(), nullable=True),
        sa.Column("net_minutes", sa.Integer(), nullable=True),
        sa.Column("max_contacts", sa.Integer(), nullable=True),
        sa.Column("equipment", sa.String(), nullable=True),
        sa.Column("law", sa.Boolean(), nullable=True),
        sa.Column("weight_minutes", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_patrols_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrols")),
        sa.UniqueConstraint("organisation_id", "external_id", name=op.f("uq_patrols_organisation_id_external_id")),
    )
    op.create_index("ix_patrols_changed", "patrols", ["organisation_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_patrols_organisation_id"), "patrols", ["organisation_id"], unique=False)


def _create_sites() -> None:
    op.create_table(
        "sites",
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("village", sa.String(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("statistics_code", sa.String(), nullable=True),
        sa.Column("record_code", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_sites_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("organisation_id", "external_id", name=op.f("uq_sites_organisation_id_external_id")),
    )
    op.create_index("ix_sites_changed", "sites", ["organisation_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_sites_organisation_id"), "sites", ["organisation_id"], unique=False)


def _create_teams() -> None:
    op.create_table(
        "teams",
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_teams_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("organisation_id", "external_id", name=op.f("uq_teams_organisation_id_external_id")),
    )
    op.create_index("ix_teams_changed", "teams", ["organisation_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_teams_organisation_id"), "teams", ["organisation_id"], unique=False)


def _create_vehicles() -> None:
    op.create_table(
        "vehicles",
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("needs_driver", sa.Boolean(), nullable=True),
        sa.Column("snow_ok", sa.Boolean(), nullable=True),
        sa.Column("equipment", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_vehicles_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicles")),
        sa.UniqueConstraint("organisation_id", "external_id", name=op.f("uq_vehicles_organisation_id_external_id")),
    )
    op.create_index("ix_vehicles_changed", "vehicles", ["organisation_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_vehicles_organisation_id"), "vehicles", ["organisation_id"], unique=False)


def create() -> None:
    """Create the tables."""
    _create_members()
    _create_patrols()
    _create_sites()
    _create_teams()
    _create_vehicles()
