"""The work that comes round again, by name: what every worker looks after, one of them at a time."""

from api.contract.routines import routines as exchange_routines
from api.jobs.chores import Routine, prune

HOUR = 3600.0


def all_routines() -> tuple[Routine, ...]:
    """All routines of a service."""
    return (Routine("jobs:prune", every_seconds=HOUR, lease_seconds=HOUR, run=prune), *exchange_routines())
