"""Edits as JSON: days are dates, people and things are the ids of their sheets, nothing is an index of a list.

A position is a place in a crew's order of stops, the first being 0.
"""

from abc import abstractmethod
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from api.service.bodies import Body, Date, Text, Word
from api.service.edit_ground import NOWHERE, Ground
from optimizer.calendar import HALVES_PER_DAY
from optimizer.edits import (
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
    PinLevel,
    PinTarget,
    Place,
    ReassignMember,
    SwapVehicle,
    UnpinTarget,
)
from optimizer.edits.faults import edit_fault
from optimizer.problem import Problem

MOST_EDITS = 50
HALVES = ("am", "pm")
Words = Annotated[tuple[Word, ...], Field(max_length=500)]
Position = Annotated[int, Field(ge=0, le=1_000)]


class HalfDay(Body):
    """Half a day of the plan."""

    date: Date
    half: Literal["am", "pm"]

    def number(self, ground: Ground) -> int:
        """Its number in the problem; a fault is noted, and it is nowhere, when the plan does not have that day."""
        for place, day in enumerate(ground.problem.days):
            if day.date == self.date:
                return HALVES_PER_DAY * place + HALVES.index(self.half)
        expected = ", ".join(day.date.isoformat() for day in ground.problem.days)
        ground.faults.append(edit_fault("NO_SUCH_HALF_DAY", ground.where, self.date.isoformat(), expected))
        return NOWHERE


class NewCrewBody(Body):
    """A crew that the plan does not have yet."""

    half_days: Annotated[tuple[HalfDay, ...], Field(min_length=1, max_length=HALVES_PER_DAY)]
    members: Words
    vehicle: Word
    team: Text = ""

    def value(self, ground: Ground) -> NewCrew:
        """The crew in numbers."""
        half_days = (each.number(ground.at("half_days", place)) for place, each in enumerate(self.half_days))
        return NewCrew(tuple(half_days), self.members, self.vehicle, self.team)


CrewBody = Word | NewCrewBody


class AtHomeBody(Body):
    """At home by a crew; without a position wherever it costs least."""

    kind: Literal["at_home"]
    crew: CrewBody
    position: Position | None = None
    second_crew: CrewBody | None = None
    second_position: Position | None = None

    def place(self, ground: Ground) -> Place:
        """The place."""
        second = None if self.second_crew is None else _crew(self.second_crew, ground.at("second_crew"))
        return AtHome(_crew(self.crew, ground.at("crew")), self.position, second, self.second_position)


class AtStopBody(Body):
    """At home, at a stop that the crew has already."""

    kind: Literal["at_stop"]
    crew: Word
    position: Position

    def place(self, ground: Ground) -> Place:
        """The place."""
        return AtStop(self.crew, self.position)


class AtSessionBody(Body):
    """At a session that is held."""

    kind: Literal["at_session"]
    session: Word

    def place(self, ground: Ground) -> Place:
        """The place."""
        return AtSession(self.session)


class ByPhoneBody(Body):
    """A call by a member."""

    kind: Literal["by_phone"]
    member: Word
    half_day: HalfDay

    def place(self, ground: Ground) -> Place:
        """The place."""
        return ByPhone(self.member, self.half_day.number(ground.at("half_day")))


class LaterBody(Body):
    """Not in this plan."""

    kind: Literal["later"]

    def place(self, ground: Ground) -> Place:
        """The place."""
        return Later()


PlaceBody = Annotated[AtHomeBody | AtStopBody | AtSessionBody | ByPhoneBody | LaterBody, Field(discriminator="kind")]


class EditBase(Body):
    """One edit."""

    @abstractmethod
    def edit(self, ground: Ground) -> Edit:
        """The edit as the planner knows it; what makes no sense is noted in the ground."""


class MoveFollowUpBody(EditBase):
    """A planned follow-up is done elsewhere, or later."""

    kind: Literal["move_follow_up"]
    follow_up: Word
    to: PlaceBody

    def edit(self, ground: Ground) -> Edit:
        """The edit."""
        return MoveFollowUp(self.follow_up, self.to.place(ground.at("to")))


class AddFollowUpBody(EditBase):
    """A follow-up that was left is done after all."""

    kind: Literal["add_follow_up"]
    follow_up: Word
    to: PlaceBody

    def edit(self, ground: Ground) -> Edit:
        """The edit."""
        return AddFollowUp(self.follow_up, self.to.place(ground.at("to")))


class DropFollowUpBody(EditBase):
    """A follow-up is left."""

    kind: Literal["drop_follow_up"]
    follow_up: Word
    reasons: Words = ()

    def edit(self, ground: Ground) -> Edit:
        """The edit."""
        return DropFollowUp(self.follow_up, self.reasons)


class MoveStopBody(EditBase):
    """A stop with everything done there goes to another crew, or to another place in the order."""

    kind: Literal["move_stop"]
    crew: Word
    position: Position
    to_crew: CrewBody
    to_position: Position | None = None

    def edit(self, ground: Ground) -> Edit:
        """The edit."""
        return MoveStop(self.crew, self.position, _crew(self.to_crew, ground.at("to_crew")), self.to_position)


class AddStopBody(EditBase):
    """A home stop for follow-ups of one household that were left."""

    kind: Literal["add_stop"]
    follow_ups: Words
    crew: CrewBody
    position: Position | None = None

    def edit(self, ground: Ground) -> Edit:
        """The edit."""
        return AddStop(self.follow_ups, _crew(self.crew, ground.at("crew")), self.position)


class AddSessionBody(EditBase):
    """A session is held after all."""

    kind: Literal["add_session"]
    session: Word
    half_day: HalfDay
    crew: CrewBody
    position: Position | None = None
    attendees: Words = ()

    def edit(self, ground: Ground) -> Edit:
        """The edit."""
        half_day = self.half_day.number(ground.at("half_day"))
        return AddSession(self.session, half_day, _crew(self.crew, ground.at("crew")), self.position, self.attendees)


class MoveSessionBody(EditBase):
    """A session goes to another half-day or crew, with everybody expected there."""

    kind: Literal["move_session"]
    session: Word
    half_day: HalfDay
    crew: CrewBody | None = None
    position: Position | None = None

    def edit(self, ground: Ground) -> Edit:
        """The edit."""
        crew = None if self.crew is None else _crew(self.crew, ground.at("crew"))
        return MoveSession(self.session, self.half_day.number(ground.at("half_day")), crew, self.position)


class DropSessionBody(EditBase):
    """A session is not held; everybody expected there is left."""

    kind: Literal["drop_session"]
    session: Word

    def edit(self, ground: Ground) -> Edit:
        """The edit."""
        return DropSession(self.session)


class ReassignMemberBody(EditBase):
    """A member leaves a crew, joins it, or takes the place of another."""

    kind: Literal["reassign_member"]
    crew: Word
    leaves: Text = ""
    joins: Text = ""

    def edit(self, ground: Ground) -> Edit:
        """The edit."""
        return ReassignMember(self.crew, self.leaves, self.joins)


class SwapVehicleBody(EditBase):
    """A crew takes another vehicle."""

    kind: Literal["swap_vehicle"]
    crew: Word
    vehicle: Word

    def edit(self, ground: Ground) -> Edit:
        """The edit."""
        return SwapVehicle(self.crew, self.vehicle)


class PinBody(EditBase):
    """A follow-up or session stays as the plan has it before these edits: its day, crew or time, or all of it."""

    kind: Literal["pin"]
    target: Word
    level: PinLevel = PinLevel.ALL

    def edit(self, ground: Ground) -> Edit:
        """The edit."""
        return PinTarget(ground.pin(self.target, self.level))


class UnpinBody(EditBase):
    """A pin is taken away."""

    kind: Literal["unpin"]
    target: Word

    def edit(self, ground: Ground) -> Edit:
        """The edit."""
        return UnpinTarget(self.target)


EditBody = Annotated[
    MoveFollowUpBody
    | AddFollowUpBody
    | DropFollowUpBody
    | MoveStopBody
    | AddStopBody
    | AddSessionBody
    | MoveSessionBody
    | DropSessionBody
    | ReassignMemberBody
    | SwapVehicleBody
    | PinBody
    | UnpinBody,
    Field(discriminator="kind"),
]


def _crew(crew: str | NewCrewBody, ground: Ground) -> str | NewCrew:
    return crew if isinstance(crew, str) else crew.value(ground)


def said_half_day(problem: Problem, number: int) -> dict[str, str]:
    """A half-day as JSON."""
    day: date = problem.days[number // HALVES_PER_DAY].date
    return {"date": day.isoformat(), "half": HALVES[number % HALVES_PER_DAY]}


def said_edit(problem: Problem, edit: AddFollowUp | MoveFollowUp) -> dict[str, Any]:
    """A recommended edit as JSON, ready to be sent back."""
    kind = "add_follow_up" if isinstance(edit, AddFollowUp) else "move_follow_up"
    return {"kind": kind, "follow_up": edit.follow_up, "to": _said_place(problem, edit.to)}


def _said_place(problem: Problem, place: Place) -> dict[str, Any]:
    if isinstance(place, AtHome):
        said: dict[str, Any] = {"kind": "at_home", "crew": _said_crew(problem, place.crew), "position": place.position}
        if place.second_crew is not None:
            said |= {"second_crew": _said_crew(problem, place.second_crew), "second_position": place.second_position}
        return said
    if isinstance(place, AtStop):
        return {"kind": "at_stop", "crew": place.crew, "position": place.position}
    if isinstance(place, AtSession):
        return {"kind": "at_session", "session": place.session}
    if isinstance(place, ByPhone):
        return {"kind": "by_phone", "member": place.member, "half_day": said_half_day(problem, place.half_day)}
    return {"kind": "later"}


def _said_crew(problem: Problem, crew: str | NewCrew) -> Any:
    if isinstance(crew, str):
        return crew
    half_days = [said_half_day(problem, number) for number in crew.half_days]
    return {"half_days": half_days, "members": list(crew.members), "vehicle": crew.vehicle, "team": crew.team}
