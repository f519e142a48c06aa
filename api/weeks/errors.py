"""What can stand in the way between the store and a week plan.

WeeksError
├── WeekFaults          the organisation's rows cannot be planned from
├── PlanStateError      a plan is not in the state that this needs
├── UnknownPartsError   a plan names what its problem does not have
├── InfeasiblePlanError a plan that breaks a rule is not published
├── NothingToUndoError  a plan is at its first revision
└── ChangeFaults        changes of a scenario that cannot be made
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimizer.plan import Violation
from optimizer.tables import TableFaults


class WeeksError(Exception):
    """Something stands between the store and a week plan."""


class WeekFaults(WeeksError, TableFaults):
    """The rows of an organisation cannot be planned from; `external_ids` names the row behind a sheet and number."""

    def __init__(self, faults: TableFaults, external_ids: Mapping[tuple[str, int], str]) -> None:
        self.external_ids = external_ids
        TableFaults.__init__(self, faults.faults)


@dataclass(frozen=True, slots=True)
class ChangeFault:
    """A change of a scenario that cannot be made: a code, a JSON pointer to it, what was found and would do, advice."""

    code: str
    pointer: str
    found: str
    expected: str
    advice_zh: str
    advice_en: str


class ChangeFaults(WeeksError):
    """Changes of a scenario that cannot be made on the rows as they are; all of them."""

    def __init__(self, faults: Sequence[ChangeFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{len(self.faults)} fault(s) in the changes of a scenario")


class PlanStateError(WeeksError):
    """A plan is not in the state that this needs; `state` is the one it is in."""

    def __init__(self, state: str, needed: str) -> None:
        self.state = state
        self.needed = needed
        super().__init__(f"the plan is {state}, this needs {needed}")


class UnknownPartsError(WeeksError):
    """A plan that names what its problem does not have is not kept; `violations` says what."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        self.violations = violations
        super().__init__("the plan names what its problem does not have")


class InfeasiblePlanError(WeeksError):
    """A plan that breaks a rule is not published; `violations` says why."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        self.violations = violations
        super().__init__(f"the plan breaks {len(violations)} rule(s)")


class NothingToUndoError(WeeksError):
    """A plan is at its first revision."""
