"""The first version: all tables, what is only added, and who sees what."""

from api.store.migrations import guards
from api.store.migrations.initial import (
    access,
    audit,
    exchange,
    follow_ups,
    idempotency,
    jobs,
    organisations,
    plans,
    residents,
    resources,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SUBJECTS = (organisations, audit, access, resources, residents, follow_ups, plans, jobs, exchange, idempotency)
ONLY_ADDED = ("audit_entries", "follow_up_statuses", "plan_revisions")
OF_ORGANISATIONS = (
    "settings",
    "audit_entries",
    "audit_heads",
    "accounts",
    "api_keys",
    "members",
    "patrols",
    "sites",
    "teams",
    "vehicles",
    "households",
    "residents",
    "follow_ups",
    "follow_up_statuses",
    "plan_problems",
    "plans",
    "pins",
    "plan_revisions",
    "stops",
    "jobs",
    "job_events",
    "contract_sources",
    "webhook_subscriptions",
    "dead_letters",
    "exchange_records",
    "inbox_events",
    "outbox",
    "sync_cursors",
    "sync_runs",
    "idempotent_answers",
)


def upgrade() -> None:
    """Create everything."""
    for subject in SUBJECTS:
        subject.create()
    guards.forbid_changes(*ONLY_ADDED)
    guards.forbid_deleting("audit_heads")
    guards.limit_to_organisations(*OF_ORGANISATIONS)
    guards.limit_to_organisations("organisations", column="id")
