"""A plan laid open for editing: crews and stops that can be changed, calls, and what is left.

Crews that no edit touches keep their times to the second. Knows nothing about which edits there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from optimizer.calendar import day_of
from optimizer.cost import half_day_of
from optimizer.model import FollowUp, Pin
from optimizer.plan import Crew, PhoneCall, Plan, Stop, StopKind
from optimizer.problem import Problem


@dataclass(slots=True, eq=False)
class OpenStop:
    """A stop that can be changed; `session` is empty for a home stop."""

    site: str
    follow_ups: list[str]
    session: str = ""
    half_day: int = 0
    """Of a session."""
    start_seconds: int | None = None
    """When it started before the edit; None for a new stop."""

    @property
    def kind(self) -> StopKind:
        """Home stop or session."""
        return StopKind.SESSION if self.session else StopKind.HOME


@dataclass(slots=True, eq=False)
class OpenCrew:
    """A crew that can be changed; `before` is what the plan says about it, None for a new crew."""

    id: str
    half_days: tuple[int, ...]
    members: tuple[str, ...]
    team: str
    vehicle: str
    stops: list[OpenStop]
    before: Crew | None = None
    is_touched: bool = False

    @property
    def day(self) -> int:
        """The number of its day."""
        return day_of(self.half_days[0])


@dataclass(slots=True, eq=False)
class Draft:
    """A plan that is being edited. `left` and `not_held` keep the reasons that the plan gave."""

    problem: Problem
    crews: list[OpenCrew]
    calls: list[PhoneCall]
    left: dict[str, tuple[str, ...]]
    not_held: dict[str, tuple[str, ...]]
    pins: tuple[Pin, ...]
    has_new_pins: bool = False
    reasons: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Reasons that an edit gave by hand."""

    def item(self, name: str) -> FollowUp:
        """A follow-up of the problem."""
        return self.problem.follow_ups[self.problem.follow_up_number[name]]

    def items(self, stop: OpenStop) -> list[FollowUp]:
        """The follow-ups done at a stop."""
        return [self.item(name) for name in stop.follow_ups]

    def find_crew(self, name: str) -> OpenCrew | None:
        """The crew with an id."""
        return next((crew for crew in self.crews if crew.id == name), None)

    def stops_of(self, follow_up: str) -> list[tuple[OpenCrew, OpenStop]]:
        """Where a follow-up is done at a stop; two places for a joint visit."""
        return [(crew, stop) for crew in self.crews for stop in crew.stops if follow_up in stop.follow_ups]

    def find_session(self, session: str) -> tuple[OpenCrew, OpenStop] | None:
        """Where a session is held."""
        held = ((crew, stop) for crew in self.crews for stop in crew.stops if stop.session == session)
        return next(held, None)

    def is_planned(self, follow_up: str) -> bool:
        """Whether somebody sees or calls the resident."""
        return bool(self.stops_of(follow_up)) or any(call.follow_up == follow_up for call in self.calls)

    def take_out(self, follow_up: str) -> None:
        """Remove a follow-up from wherever it is; a home stop that nobody is left at goes too."""
        for crew, stop in self.stops_of(follow_up):
            stop.follow_ups.remove(follow_up)
            crew.is_touched = True
            if not stop.follow_ups and not stop.session:
                crew.stops.remove(stop)
            elif not stop.session and all(item.site != stop.site for item in self.items(stop)):
                stop.site = self.item(stop.follow_ups[0]).site
        self.calls = [call for call in self.calls if call.follow_up != follow_up]
        self.left.pop(follow_up, None)

    def leave(self, follow_up: str, reasons: tuple[str, ...] = ()) -> None:
        """Take a follow-up out and list it as left; without reasons they are found when the draft is finished."""
        kept = self.left.get(follow_up, ())
        self.take_out(follow_up)
        self.left[follow_up] = reasons or kept

    def put_in(self, crew: OpenCrew, stop: OpenStop, position: int) -> None:
        """Add a stop to a crew's order."""
        crew.stops.insert(position, stop)
        crew.is_touched = True

    def touched(self) -> Iterator[OpenCrew]:
        """Crews that need new times."""
        return (crew for crew in self.crews if crew.is_touched)


def open_plan(problem: Problem, plan: Plan) -> Draft:
    """A draft of a plan that names only what the problem has."""
    return Draft(
        problem,
        [_open_crew(problem, crew) for crew in plan.crews],
        list(plan.phone_calls),
        {left.id: left.rules for left in (*plan.deferred, *plan.unplanned)},
        {left.id: left.rules for left in plan.sessions_not_held},
        problem.pins,
    )


def _open_crew(problem: Problem, crew: Crew) -> OpenCrew:
    stops = [
        OpenStop(stop.site, list(stop.follow_ups), stop.session, _half_day(problem, crew, stop), stop.start_seconds)
        for stop in crew.stops
    ]
    return OpenCrew(crew.id, crew.half_days, crew.members, crew.team, crew.vehicle, stops, crew)


def _half_day(problem: Problem, crew: Crew, stop: Stop) -> int:
    return half_day_of(problem, crew, stop) if stop.kind is StopKind.SESSION else crew.half_days[0]


def unknown_in(problem: Problem, plan: Plan) -> Iterator[str]:
    """Ids that a plan names and the problem does not have, and crews whose half-days are no outing."""
    half_days = 2 * len(problem.days)
    for crew in plan.crews:
        is_pair = len(crew.half_days) == 2 and crew.half_days[0] % 2 == 0 and crew.half_days[1] == crew.half_days[0] + 1
        is_sound = (len(crew.half_days) == 1 or is_pair) and all(0 <= number < half_days for number in crew.half_days)
        if not is_sound or not crew.stops:
            yield f"crew {crew.id}"
        yield from (name for name in crew.members if name not in problem.member_number)
        if crew.vehicle not in problem.vehicle_number:
            yield f"vehicle {crew.vehicle}"
        for stop in crew.stops:
            if stop.kind is StopKind.SESSION and stop.session not in problem.session_number:
                yield f"session {stop.session}"
            if stop.site not in problem.site_number:
                yield f"site {stop.site}"
            yield from (name for name in stop.follow_ups if name not in problem.follow_up_number)
    for call in plan.phone_calls:
        if call.member not in problem.member_number:
            yield call.member
        if call.follow_up not in problem.follow_up_number or not 0 <= call.half_day < half_days:
            yield call.follow_up
    for left in (*plan.deferred, *plan.unplanned):
        if left.id not in problem.follow_up_number:
            yield left.id
    yield from (left.id for left in plan.sessions_not_held if left.id not in problem.session_number)
