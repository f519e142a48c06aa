"""How far a cost may lie above the best possible, by a proven bound."""

ROUGH_PERCENT = 10.0
"""Gap from which the words call a bound rough."""


def gap_percent(bound: int, cost: int) -> float:
    """The most by which a cost can lie above the best possible, in percent of the bound; infinite without a bound.

    Raises ValueError for a cost below the bound: such a plan breaks a rule, or belongs to another input.
    """
    if cost < bound:
        raise ValueError(f"cost {cost} is below the bound {bound}: the plan breaks a rule or is of another input")
    return percent_above(bound, cost)


def percent_above(bound: int, cost: int) -> float:
    """How far a cost lies above a bound, in percent of the bound; infinite above a bound of nothing."""
    if cost == bound:
        return 0.0
    return 100.0 * (cost / bound - 1.0) if bound > 0 else float("inf")
