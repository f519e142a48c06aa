"""The codes of our canonical record. Numbers follow the follow-up tables of community-health systems."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum


class PlanStatus(IntEnum):
    """How far a due item is (计划状态)."""

    DUE = 0
    DONE = 1
    LOST = 2
    MISSED = 3
    PASSED = 4
    ENTERED_LATER = 5
    CLOSED = 8
    CANCELLED = 9


PENDING = frozenset({PlanStatus.DUE, PlanStatus.MISSED})
"""What is planned; everything else is told to us only so that we stop planning it."""


class VisitWay(IntEnum):
    """How a follow-up is done (随访方式)."""

    CLINIC = 1
    STATION = 2
    COMMUNITY = 3
    HOME = 4
    PHONE = 5
    GROUP = 6
    OTHER = 9


class BusinessType(IntEnum):
    """What a due item is about (业务类型)."""

    HYPERTENSION = 1
    DIABETES = 2
    TUMOUR = 3
    ELDERLY = 4
    CHILD_INQUIRY = 5
    CHILD_EXAM = 6
    FRAIL_CHILD = 7
    PREGNANT = 8
    PREGNANT_AT_RISK = 9
    MENTAL = 10
    HYPERTENSION_INQUIRY = 11
    SUSPECTED_DIABETES = 12
    HYPERTENSION_RISK = 13
    RETIRED_CADRE = 14
    TUMOUR_RISK = 15
    TUMOUR_PATIENT = 16
    DIABETES_RISK = 17
    AT_RISK = 18


class FollowUpClass(IntEnum):
    """The result of the last follow-up (随访分类)."""

    CONTROLLED = 1
    UNCONTROLLED = 2
    ADVERSE_REACTION = 3
    COMPLICATION = 4


class ContractStatus(IntEnum):
    """Whether the contract stands (签约状态)."""

    SIGNED = 1
    CANCELLED = 2


class VisitEffect(IntEnum):
    """What follows from a visit (随访结果)."""

    CONTINUE = 1
    TEMPORARILY_LOST = 2
    TERMINATE = 9


class NoVisitReason(StrEnum):
    """Why a visit did not happen (未访原因)."""

    DEATH = "death"
    MOVED = "moved"
    LOST = "lost"
    REFUSED = "refused"
    OTHER = "other"


class StopReason(StrEnum):
    """Why a contract ended early (解约原因)."""

    MOVED = "moved"
    UNREACHABLE = "unreachable"
    """For a year."""
    REFUSED = "refused"
    """For a year."""
    CANCELLED = "cancelled"
    OTHER = "other"


class Sex(StrEnum):
    """As in the sheets."""

    FEMALE = "F"
    MALE = "M"


STATUS_TITLES: Mapping[PlanStatus, tuple[str, str]] = {
    PlanStatus.DUE: ("应访", "due"),
    PlanStatus.DONE: ("已访", "done"),
    PlanStatus.LOST: ("失访", "lost"),
    PlanStatus.MISSED: ("未访", "missed"),
    PlanStatus.PASSED: ("过访", "passed over"),
    PlanStatus.ENTERED_LATER: ("补录", "entered later"),
    PlanStatus.CLOSED: ("结案", "closed"),
    PlanStatus.CANCELLED: ("注销", "cancelled"),
}
"""Names of the plan status."""

SHEET_STATUS: Mapping[PlanStatus, str] = {
    PlanStatus.DUE: "due",
    PlanStatus.DONE: "done",
    PlanStatus.LOST: "lost",
    PlanStatus.MISSED: "missed",
    PlanStatus.PASSED: "over",
    PlanStatus.ENTERED_LATER: "over",
    PlanStatus.CLOSED: "over",
    PlanStatus.CANCELLED: "over",
}
"""The word of the sheet's `status` column."""
