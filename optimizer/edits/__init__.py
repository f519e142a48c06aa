"""A plan by hand: edits with new times, verdict and price; the best places for one follow-up; pins; differences."""

from optimizer.edits.applying import Edited, edit_plan
from optimizer.edits.appointments import Appointment, Change, Difference, changes_between
from optimizer.edits.excerpts import with_pins
from optimizer.edits.faults import EditFaults
from optimizer.edits.finish import canonical
from optimizer.edits.kinds import (
    AddFollowUp,
    AddSession,
    AddStop,
    AtHome,
    AtSession,
    AtStop,
    ByPhone,
    DropFollowUp,
    DropSession,
    Edit,
    Later,
    MoveFollowUp,
    MoveSession,
    MoveStop,
    NewCrew,
    PinTarget,
    Place,
    ReassignMember,
    SwapVehicle,
    UnpinTarget,
)
from optimizer.edits.pinning import PinLevel, pin_as_planned
from optimizer.edits.recommending import recommend
from optimizer.edits.slots import Recommendation, Refusal, Slot

__all__ = [
    "AddFollowUp",
    "AddSession",
    "AddStop",
    "Appointment",
    "AtHome",
    "AtSession",
    "AtStop",
    "ByPhone",
    "Change",
    "Difference",
    "DropFollowUp",
    "DropSession",
    "Edit",
    "EditFaults",
    "Edited",
    "Later",
    "MoveFollowUp",
    "MoveSession",
    "MoveStop",
    "NewCrew",
    "PinLevel",
    "PinTarget",
    "Place",
    "ReassignMember",
    "Recommendation",
    "Refusal",
    "Slot",
    "SwapVehicle",
    "UnpinTarget",
    "canonical",
    "changes_between",
    "edit_plan",
    "pin_as_planned",
    "recommend",
    "with_pins",
]
