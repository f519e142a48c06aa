"""Plans, revisions, stops and pins, as the first version makes them."""

import sqlalchemy as sa
from alembic import op


def _create_plan_problems() -> None:
    op.create_table(
        "plan_problems",
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_plan_problems_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_problems")),
        sa.UniqueConstraint("organisation_id", "input_hash", name=op.f("uq_plan_problems_organisation_id_input_hash")),
    )
    op.create_index(op.f("ix_plan_problems_organisation_id"), "plan_problems", ["organisation_id"], unique=False)


def _create_plans() -> None:
    op.create_table(
        "plans",
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("base_plan_id", sa.String(length=32), nullable=True),
        sa.Column("problem_id", sa.String(length=32), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("engine_version", sa.String(), nullable=False),
        sa.Column("cost_total", sa.BigInteger(), nullable=False),
        sa.Column("cost_parts", sa.JSON(), nullable=False),
        sa.Column("kpis", sa.JSON(), nullable=False),
        sa.Column("violations", sa.JSON(), nullable=False),
        sa.Column("is_feasible", sa.Boolean(), nullable=False),
        sa.Column("shortages", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.String(), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["base_plan_id"], ["plans.id"], name=op.f("fk_plans_base_plan_id_plans")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_plans_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["problem_id"], ["plan_problems.id"], name=op.f("fk_plans_problem_id_plan_problems")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("organisation_id", "week", "number", name=op.f("uq_plans_organisation_id_week_number")),
    )
    op.create_index("ix_plans_changed", "plans", ["organisation_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_plans_organisation_id"), "plans", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_plans_problem_id"), "plans", ["problem_id"], unique=False)
    op.create_index("ix_plans_state", "plans", ["organisation_id", "week", "state"], unique=False)
    op.create_index(
        "uq_plans_published",
        "plans",
        ["organisation_id", "week"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )


def _create_pins() -> None:
    op.create_table(
        "pins",
        sa.Column("plan_id", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("half_day", sa.Integer(), nullable=True),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("start_seconds", sa.Integer(), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_pins_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_pins_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pins")),
        sa.UniqueConstraint("plan_id", "target", name=op.f("uq_pins_plan_id_target")),
    )
    op.create_index(op.f("ix_pins_organisation_id"), "pins", ["organisation_id"], unique=False)


def _create_plan_revisions() -> None:
    op.create_table(
        "plan_revisions",
        sa.Column("plan_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("pins", sa.JSON(), nullable=False),
        sa.Column("edit", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_plan_revisions_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_revisions_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_revisions")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_revisions_plan_id_number")),
    )
    op.create_index(op.f("ix_plan_revisions_organisation_id"), "plan_revisions", ["organisation_id"], unique=False)


def _create_stops() -> None:
    op.create_table(
        "stops",
        sa.Column("plan_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("half_day", sa.Integer(), nullable=False),
        sa.Column("crew", sa.String(), nullable=True),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("vehicle", sa.String(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("session", sa.String(), nullable=True),
        sa.Column("follow_up", sa.String(), nullable=True),
        sa.Column("follow_up_id", sa.String(length=32), nullable=True),
        sa.Column("arrival_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_ups.id"], name=op.f("fk_stops_follow_up_id_follow_ups")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_stops_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_stops_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
    )
    op.create_index("ix_stops_day", "stops", ["organisation_id", "day"], unique=False)
    op.create_index("ix_stops_follow_up", "stops", ["organisation_id", "follow_up"], unique=False)
    op.create_index(op.f("ix_stops_organisation_id"), "stops", ["organisation_id"], unique=False)
    op.create_index("ix_stops_plan", "stops", ["plan_id", "day", "crew"], unique=False)


def create() -> None:
    """Create the tables."""
    _create_plan_problems()
    _create_plans()
    _create_pins()
    _create_plan_revisions()
    _create_stops()
