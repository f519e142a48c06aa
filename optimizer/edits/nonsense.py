"""Looks for what makes an edit nonsense before anything is changed; finds every fault of the edit."""

from collections.abc import Iterable, Iterator

from optimizer.calendar import HALVES_PER_DAY
from optimizer.edits.draft import Draft
from optimizer.edits.faults import edit_fault
from optimizer.edits.kinds import (
    AddFollowUp,
    AddSession,
    AddStop,
    AtHome,
    AtSession,
    AtStop,
    ByPhone,
    CrewRef,
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
from optimizer.errors import Fault
from optimizer.rules import RULES


def faults_of(draft: Draft, edit: Edit, where: str) -> tuple[Fault, ...]:
    """Every fault of an edit of a draft."""
    return tuple(_faults(draft, edit, where))


def _faults(draft: Draft, edit: Edit, where: str) -> Iterator[Fault]:
    match edit:
        case MoveFollowUp() | AddFollowUp():
            yield from _placed(draft, edit, where)
        case DropFollowUp():
            yield from _follow_up(draft, edit.follow_up, f"{where}/follow_up")
            if edit.follow_up in draft.left:
                yield edit_fault("ALREADY_LEFT", f"{where}/follow_up", edit.follow_up, "a planned follow-up")
            for number, code in enumerate(edit.reasons):
                if code not in RULES:
                    yield edit_fault("UNKNOWN_RULE", f"{where}/reasons/{number}", code, "a rule code")
        case MoveStop():
            yield from _stop(draft, edit.crew, edit.position, where)
            yield from _crew(draft, edit.to_crew, f"{where}/to_crew")
            yield from _position(edit.to_position, f"{where}/to_position")
        case AddStop():
            yield from _added_stop(draft, edit, where)
        case AddSession() | MoveSession():
            yield from _session(draft, edit, where)
        case DropSession():
            yield from _held(draft, edit.session, where)
        case ReassignMember():
            yield from _reassigned(draft, edit, where)
        case SwapVehicle():
            yield from _swapped(draft, edit, where)
        case PinTarget():
            if edit.pin.target not in {*draft.problem.follow_up_number, *draft.problem.session_number}:
                yield edit_fault("UNKNOWN_TARGET", f"{where}/pin/target", edit.pin.target, "a follow-up or session")
        case UnpinTarget():
            if all(pin.target != edit.target for pin in draft.pins):
                yield edit_fault("NOT_PINNED", f"{where}/target", edit.target, "a pinned follow-up or session")


def _placed(draft: Draft, edit: MoveFollowUp | AddFollowUp, where: str) -> Iterator[Fault]:
    unknown = tuple(_follow_up(draft, edit.follow_up, f"{where}/follow_up"))
    yield from unknown
    if not unknown:
        is_planned = draft.is_planned(edit.follow_up)
        if isinstance(edit, AddFollowUp) and is_planned:
            yield edit_fault("ALREADY_PLANNED", f"{where}/follow_up", edit.follow_up, "a follow-up that is left")
        if isinstance(edit, MoveFollowUp) and not is_planned:
            yield edit_fault("NOT_PLANNED", f"{where}/follow_up", edit.follow_up, "a planned follow-up")
        is_joint = draft.item(edit.follow_up).joint is not None
        if isinstance(edit.to, AtHome) and edit.to.second_crew is not None and not is_joint:
            yield edit_fault("NOT_JOINT", f"{where}/to/second_crew", _shown(edit.to.second_crew), "one crew")
    yield from _place(draft, edit.to, f"{where}/to")
    if isinstance(edit, AddFollowUp) and isinstance(edit.to, Later):
        yield edit_fault("ALREADY_LEFT", f"{where}/to", "later", "a place in the plan")


def _place(draft: Draft, to: Place, where: str) -> Iterator[Fault]:
    match to:
        case AtHome():
            yield from _crew(draft, to.crew, f"{where}/crew")
            yield from _position(to.position, f"{where}/position")
            yield from _position(to.second_position, f"{where}/second_position")
            if to.second_crew is not None:
                yield from _crew(draft, to.second_crew, f"{where}/second_crew")
                if to.second_crew == to.crew:
                    yield edit_fault("SAME_CREW", f"{where}/second_crew", _shown(to.crew), "another crew")
        case AtStop():
            yield from _stop(draft, to.crew, to.position, where)
            crew = draft.find_crew(to.crew)
            if crew is not None and 0 <= to.position < len(crew.stops) and crew.stops[to.position].session:
                yield edit_fault("NOT_A_HOME_STOP", f"{where}/position", to.position, "a home stop")
        case AtSession():
            yield from _held(draft, to.session, where)
        case ByPhone():
            yield from _members(draft, (to.member,), f"{where}/member")
            yield from _half_day(draft, to.half_day, f"{where}/half_day")
        case Later():
            return


def _added_stop(draft: Draft, edit: AddStop, where: str) -> Iterator[Fault]:
    if not edit.follow_ups:
        yield edit_fault("NO_PATIENTS", f"{where}/follow_ups", "", "at least one follow-up")
    for number, name in enumerate(edit.follow_ups):
        spot = f"{where}/follow_ups/{number}"
        yield from _follow_up(draft, name, spot)
        if (name in draft.problem.follow_up_number and draft.is_planned(name)) or name in edit.follow_ups[:number]:
            yield edit_fault("ALREADY_PLANNED", spot, name, "a follow-up that is left, named once")
    yield from _crew(draft, edit.crew, f"{where}/crew")
    yield from _position(edit.position, f"{where}/position")


def _session(draft: Draft, edit: AddSession | MoveSession, where: str) -> Iterator[Fault]:
    if isinstance(edit, MoveSession):
        yield from _held(draft, edit.session, where)
    elif edit.session not in draft.problem.session_number:
        yield edit_fault("UNKNOWN_SESSION", f"{where}/session", edit.session, "a session of the problem")
    elif draft.find_session(edit.session) is not None:
        yield edit_fault("ALREADY_HELD", f"{where}/session", edit.session, "a session that is not held")
    yield from _half_day(draft, edit.half_day, f"{where}/half_day")
    yield from _position(edit.position, f"{where}/position")
    if edit.crew is not None:
        yield from _crew(draft, edit.crew, f"{where}/crew")
        half_days = _half_days(draft, edit.crew)
        if half_days and edit.half_day not in half_days:
            expected = f"a crew that is out on half-day {edit.half_day}"
            yield edit_fault("OTHER_HALF_DAY", f"{where}/crew", _shown(edit.crew), expected)
    for number, name in enumerate(edit.attendees if isinstance(edit, AddSession) else ()):
        yield from _follow_up(draft, name, f"{where}/attendees/{number}")


def _reassigned(draft: Draft, edit: ReassignMember, where: str) -> Iterator[Fault]:
    yield from _crew(draft, edit.crew, f"{where}/crew")
    given = [name for name in (edit.leaves, edit.joins) if name]
    yield from _members(draft, given, where)
    if not given:
        yield edit_fault("NOBODY", where, "", "somebody who leaves or joins")
    crew = draft.find_crew(edit.crew)
    if crew is None:
        return
    if edit.leaves and edit.leaves not in crew.members:
        yield edit_fault("NOT_IN_CREW", f"{where}/leaves", edit.leaves, f"one of {', '.join(crew.members)}")
    if edit.joins in crew.members:
        yield edit_fault("ALREADY_IN_CREW", f"{where}/joins", edit.joins, "somebody else")
    if crew.members == (edit.leaves,) and not edit.joins:
        yield edit_fault("NOBODY", f"{where}/leaves", edit.leaves, "a crew with at least one member")


def _swapped(draft: Draft, edit: SwapVehicle, where: str) -> Iterator[Fault]:
    yield from _crew(draft, edit.crew, f"{where}/crew")
    if edit.vehicle not in draft.problem.vehicle_number:
        yield edit_fault("UNKNOWN_VEHICLE", f"{where}/vehicle", edit.vehicle, "a vehicle of the problem")
    crew = draft.find_crew(edit.crew)
    if crew is not None and crew.vehicle == edit.vehicle:
        yield edit_fault("SAME_VEHICLE", f"{where}/vehicle", edit.vehicle, "another vehicle")


def _follow_up(draft: Draft, name: str, where: str) -> Iterator[Fault]:
    if name not in draft.problem.follow_up_number:
        yield edit_fault("UNKNOWN_FOLLOW_UP", where, name, "a follow-up of the problem")


def _held(draft: Draft, session: str, where: str) -> Iterator[Fault]:
    if session not in draft.problem.session_number:
        yield edit_fault("UNKNOWN_SESSION", f"{where}/session", session, "a session of the problem")
    elif draft.find_session(session) is None:
        yield edit_fault("NOT_HELD", f"{where}/session", session, "a session that is held")


def _members(draft: Draft, names: Iterable[str], where: str) -> Iterator[Fault]:
    for name in names:
        if name not in draft.problem.member_number:
            yield edit_fault("UNKNOWN_MEMBER", where, name, "a member of the problem")


def _half_day(draft: Draft, half_day: int, where: str) -> Iterator[Fault]:
    last = HALVES_PER_DAY * len(draft.problem.days) - 1
    if not 0 <= half_day <= last:
        yield edit_fault("NO_SUCH_HALF_DAY", where, half_day, f"a half-day from 0 to {last}")


def _position(position: int | None, where: str) -> Iterator[Fault]:
    if position is not None and position < 0:
        yield edit_fault("NO_SUCH_STOP", where, position, "a position from 0")


def _stop(draft: Draft, name: str, position: int, where: str) -> Iterator[Fault]:
    yield from _crew(draft, name, f"{where}/crew")
    crew = draft.find_crew(name)
    if crew is not None and not 0 <= position < len(crew.stops):
        yield edit_fault("NO_SUCH_STOP", f"{where}/position", position, f"a stop from 0 to {len(crew.stops) - 1}")


def _crew(draft: Draft, ref: CrewRef, where: str) -> Iterator[Fault]:
    if isinstance(ref, str):
        if draft.find_crew(ref) is None:
            yield edit_fault("UNKNOWN_CREW", where, ref, "a crew of the plan")
        return
    first = ref.half_days[0] if ref.half_days else -1
    whole_day = (first, first + 1) if first % HALVES_PER_DAY == 0 else (first,)
    if ref.half_days not in ((first,), whole_day):
        expected = "one half-day, or morning and afternoon of one day"
        yield edit_fault("NO_SUCH_HALF_DAY", f"{where}/half_days", ref.half_days, expected)
    for half_day in ref.half_days:
        yield from _half_day(draft, half_day, f"{where}/half_days")
    yield from _members(draft, ref.members, f"{where}/members")
    if not ref.members:
        yield edit_fault("NOBODY", f"{where}/members", "", "at least one member")
    if len(set(ref.members)) < len(ref.members):
        yield edit_fault("ALREADY_IN_CREW", f"{where}/members", ", ".join(ref.members), "each member once")
    if ref.vehicle not in draft.problem.vehicle_number:
        yield edit_fault("UNKNOWN_VEHICLE", f"{where}/vehicle", ref.vehicle, "a vehicle of the problem")
    if ref.team and ref.team not in draft.problem.team_number:
        yield edit_fault("UNKNOWN_TEAM", f"{where}/team", ref.team, "a team of the problem")


def _half_days(draft: Draft, ref: CrewRef) -> tuple[int, ...]:
    if isinstance(ref, NewCrew):
        return ref.half_days
    crew = draft.find_crew(ref)
    return crew.half_days if crew is not None else ()


def _shown(ref: CrewRef) -> str:
    return ref if isinstance(ref, str) else f"a new crew of {', '.join(ref.members)}"
