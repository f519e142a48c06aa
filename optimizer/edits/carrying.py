"""Carries edits out on a draft, one function for each kind. Faults are looked for first, by `nonsense`."""

from dataclasses import replace

from optimizer.edits.draft import Draft, OpenCrew, OpenStop
from optimizer.edits.finish import settle
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
from optimizer.edits.placing import crew_for, put_home, put_stop
from optimizer.plan import PhoneCall

BY_HAND = ("BY_HAND",)
"""Why something is left that a planner takes out: rules may well allow it."""


def carry_out(draft: Draft, edit: Edit) -> None:
    """Change a draft as an edit without faults asks for."""
    match edit:
        case MoveFollowUp() | AddFollowUp():
            _place(draft, edit.follow_up, edit.to)
        case DropFollowUp():
            draft.leave(edit.follow_up, edit.reasons or BY_HAND)
        case MoveStop():
            _move_stop(draft, edit)
        case AddStop():
            for name in edit.follow_ups:
                draft.take_out(name)
            put_home(draft, edit.follow_ups, AtHome(edit.crew, edit.position))
        case AddSession():
            _add_session(draft, edit)
        case MoveSession():
            _move_session(draft, edit)
        case DropSession():
            _drop_session(draft, edit.session)
        case ReassignMember():
            _reassign(draft, edit)
        case SwapVehicle():
            _swap(draft, edit)
        case PinTarget() | UnpinTarget():
            _pin(draft, edit)


def _place(draft: Draft, follow_up: str, to: Place) -> None:
    if isinstance(to, Later):
        draft.leave(follow_up, BY_HAND)
        return
    # A stop is named by its place before anything is taken out.
    stop = None
    if isinstance(to, AtStop):
        crew = draft.find_crew(to.crew)
        assert crew is not None, "a crew that is not there is a fault"
        stop = crew.stops[to.position]
        if stop.follow_ups == [follow_up]:
            return
    draft.take_out(follow_up)
    settle(draft)
    match to:
        case AtHome():
            put_home(draft, (follow_up,), to)
        case AtStop():
            assert stop is not None, "looked up above"
            stop.follow_ups.append(follow_up)
            crew_for(draft, to.crew).is_touched = True
        case AtSession():
            _attend(draft, follow_up, to.session)
        case ByPhone():
            draft.calls.append(PhoneCall(follow_up, to.member, to.half_day))


def _attend(draft: Draft, follow_up: str, session: str) -> None:
    found = draft.find_session(session)
    assert found is not None, "a session that is not held is a fault"
    crew, stop = found
    stop.follow_ups.append(follow_up)
    crew.is_touched = True


def _move_stop(draft: Draft, edit: MoveStop) -> None:
    crew = crew_for(draft, edit.crew)
    stop = crew.stops.pop(edit.position)
    crew.is_touched = True
    target = crew_for(draft, edit.to_crew)
    if target.half_days != crew.half_days:
        stop.half_day, stop.start_seconds = _half_day_in(target, stop), None
    put_stop(draft, target, stop, edit.to_position)


def _half_day_in(crew: OpenCrew, stop: OpenStop) -> int:
    """The same half of the day where the crew is out then, else its first half-day."""
    same_half = next((number for number in crew.half_days if number % 2 == stop.half_day % 2), None)
    return crew.half_days[0] if same_half is None else same_half


def _add_session(draft: Draft, edit: AddSession) -> None:
    for name in edit.attendees:
        draft.take_out(name)
    draft.not_held.pop(edit.session, None)
    crew = crew_for(draft, edit.crew)
    session = draft.problem.sessions[draft.problem.session_number[edit.session]]
    stop = OpenStop(session.site, list(dict.fromkeys(edit.attendees)), session.id, edit.half_day)
    put_stop(draft, crew, stop, edit.position)


def _move_session(draft: Draft, edit: MoveSession) -> None:
    found = draft.find_session(edit.session)
    assert found is not None, "a session that is not held is a fault"
    crew, stop = found
    target = crew_for(draft, edit.crew) if edit.crew is not None else _same_people(draft, crew, edit.half_day)
    crew.stops.remove(stop)
    crew.is_touched = True
    if stop.half_day != edit.half_day:
        stop.half_day, stop.start_seconds = edit.half_day, None
    put_stop(draft, target, stop, edit.position)


def _same_people(draft: Draft, crew: OpenCrew, half_day: int) -> OpenCrew:
    """The crew of the same members and vehicle on a half-day; formed where there is none."""
    for other in draft.crews:
        is_same = set(other.members) == set(crew.members) and other.vehicle == crew.vehicle
        if is_same and half_day in other.half_days:
            return other
    return crew_for(draft, NewCrew((half_day,), crew.members, crew.vehicle, crew.team))


def _drop_session(draft: Draft, session: str) -> None:
    found = draft.find_session(session)
    assert found is not None, "a session that is not held is a fault"
    crew, stop = found
    for name in list(stop.follow_ups):
        draft.leave(name, BY_HAND)
    crew.stops.remove(stop)
    crew.is_touched = True
    draft.not_held[session] = BY_HAND


def _reassign(draft: Draft, edit: ReassignMember) -> None:
    """Replace in place; the crew goes on in its team's name as long as somebody of that team is in it."""
    crew = crew_for(draft, edit.crew)
    members = [edit.joins if name == edit.leaves else name for name in crew.members]
    if not edit.leaves:
        members.append(edit.joins)
    crew.members = tuple(name for name in members if name)
    teams = [draft.problem.members[draft.problem.member_number[name]].team for name in crew.members]
    crew.team = crew.team if crew.team in teams else teams[0]
    crew.is_touched = True


def _swap(draft: Draft, edit: SwapVehicle) -> None:
    crew = crew_for(draft, edit.crew)
    for other in draft.crews:
        if other is not crew and other.vehicle == edit.vehicle and other.half_days == crew.half_days:
            other.vehicle = crew.vehicle
            other.is_touched = True
    crew.vehicle = edit.vehicle
    crew.is_touched = True


def _pin(draft: Draft, edit: PinTarget | UnpinTarget) -> None:
    target = edit.pin.target if isinstance(edit, PinTarget) else edit.target
    kept = tuple(pin for pin in draft.pins if pin.target != target)
    draft.pins = (*kept, replace(edit.pin)) if isinstance(edit, PinTarget) else kept
    draft.has_new_pins = True
