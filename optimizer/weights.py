"""The price of everything a plan can do badly, in cost points: one point is one second of travel of one crew.

The sizes are assumptions to be settled with the users; the order (missed windows by priority, then sessions,
overdue days, travel and the rest) is the rule.
"""

from dataclasses import dataclass, fields

MINUTE = 60
"""Cost points of one crew minute."""
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Weights:
    """Cost points per unit named in the field; all are at least 0."""

    unplanned: tuple[int, int, int, int] = (3000 * MINUTE, 1000 * MINUTE, 300 * MINUTE, 120 * MINUTE)
    """Per follow-up whose window closes unserved, by priority P0..P3."""
    joint_percent: int = 100
    """Added to `unplanned` of a joint visit, in percent: it takes the time of two crews."""
    overdue_day: tuple[int, int, int, int] = (300 * MINUTE, 60 * MINUTE, 10 * MINUTE, 2 * MINUTE)
    """Per follow-up and day after its latest date, by priority; unserved ones count to the first day after the plan."""
    deferred: tuple[int, int, int] = (6 * MINUTE, 2 * MINUTE, 1 * MINUTE)
    """Per follow-up left for later, by whole weeks its window stays open after the plan: 0, 1, 2 or more."""
    travel_second: int = 1
    overtime_second: int = 2
    late_second: int = 2
    """Per second of a start after the end of a soft time window."""
    waiting_second: int = 0
    staff_half_day: int = 15 * MINUTE
    """Per member and half-day in the field."""
    other_team_session: int = 20 * MINUTE
    """Per member of another team than the session's."""
    other_team_home: int = 10 * MINUTE
    """Per follow-up done at home by a crew of another team than its contract team."""
    not_preferred: int = 10 * MINUTE
    """Per follow-up done at home without any of its preferred members."""
    neighbour: int = 3 * MINUTE
    """Per follow-up absorbed by a session that is not at its own site."""
    rhythm: int = 60 * MINUTE
    """Per session held on another half-day than residents expect."""
    home_instead: int = 2 * MINUTE
    """Per follow-up done at home although a patrol session would do."""
    burden_half_day: int = 10 * MINUTE
    """Per member and half-day above the fair number."""
    change: int = 30 * MINUTE
    """Per follow-up or session whose day or channel differs from the earlier plan."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if min(value if isinstance(value, tuple) else (value,)) < 0:
                raise ValueError(f"weight {field.name} must be at least 0, found {value}")
