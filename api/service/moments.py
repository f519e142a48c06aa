"""Moments and dates as the API writes them: local time of China with its offset, which has no summer time."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

LOCAL = timezone(timedelta(hours=8))


def local_text(moment: datetime) -> str:
    """A moment such as 2026-11-23T08:30:00+08:00. Raises ValueError on a moment without an offset."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs an offset, found {moment.isoformat()}")
    local = moment.astimezone(LOCAL)
    return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds")


def local_today(moment: datetime | None = None) -> date:
    """The date in China, now or at a moment."""
    return (moment or datetime.now(UTC)).astimezone(LOCAL).date()


def as_json(value: Any) -> Any:
    """A stored value as JSON writes it: moments in local time, dates in ISO form, anything else as it is."""
    if isinstance(value, datetime):
        return local_text(value)
    return value.isoformat() if isinstance(value, date) else value
