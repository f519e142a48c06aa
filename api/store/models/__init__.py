"""The tables, one module per subject; importing this package makes the metadata complete."""

from api.store.models import (
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
    scenarios,
)

__all__ = [
    "access",
    "audit",
    "exchange",
    "follow_ups",
    "idempotency",
    "jobs",
    "organisations",
    "plans",
    "residents",
    "resources",
    "scenarios",
]
