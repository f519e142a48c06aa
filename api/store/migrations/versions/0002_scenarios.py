"""Scenarios: a table of what-ifs on a week; and jobs whose actor is named with its kind."""

import sqlalchemy as sa
from alembic import op

from api.store.migrations import guards

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, limited to organisations like its siblings."""
    op.create_table(
        "scenarios",
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("base_plan_id", sa.String(length=32), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.String(length=32), nullable=True),
        sa.Column("plan_id", sa.String(length=32), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["base_plan_id"], ["plans.id"], name=op.f("fk_scenarios_base_plan_id_plans")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_scenarios_job_id_jobs")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_scenarios_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_scenarios_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenarios")),
        sa.UniqueConstraint("organisation_id", "week", "name", name=op.f("uq_scenarios_organisation_id_week_name")),
    )
    op.create_index("ix_scenarios_changed", "scenarios", ["organisation_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_scenarios_organisation_id"), "scenarios", ["organisation_id"], unique=False)
    guards.limit_to_organisations("scenarios")
    if guards.is_postgresql():  # SQLite counts no letters, and new databases are made wide enough
        op.alter_column("jobs", "actor_id", type_=sa.String(length=64))
