"""A day without its lunch, for solvers that know no floating break."""

from tests.bench.weeks.recipe import LUNCH_TENTHS

NOON_TENTHS = 2400


def without_lunch(tenths: int) -> int:
    """A time of a day from which the hour after noon is cut out."""
    return tenths if tenths <= NOON_TENTHS else max(NOON_TENTHS, tenths - LUNCH_TENTHS)
