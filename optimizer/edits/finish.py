"""From a draft back to a plan: new times, ids, reasons for what is left, and one order for everything."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from optimizer.bundle import units_of
from optimizer.cost import sessions_in
from optimizer.edits.draft import Draft, OpenCrew
from optimizer.edits.excerpts import excerpt
from optimizer.edits.route import in_order, timed_crew
from optimizer.edits.timing import retime
from optimizer.plan import Crew, Left, Plan, Stop
from optimizer.problem import Problem
from optimizer.reasons import reasons_of, session_reasons

Lefts = dict[str, tuple[str, ...]]


def finish(draft: Draft) -> Plan:
    """The plan of a draft; crews without a stop are gone, crews that nobody touched are as they were."""
    draft.crews = [crew for crew in draft.crews if crew.stops]
    new = {id(crew): timed_crew(draft, crew, times) for crew, times in retime(draft)}
    crews = tuple(new[id(crew)] if id(crew) in new else _kept(crew) for crew in draft.crews)
    plan = Plan(crews, tuple(draft.calls))
    left = {name: draft.reasons.get(name) or codes for name, codes in draft.left.items()}
    return canonical(draft.problem, with_left(draft.problem, plan, left, draft.not_held))


def settle(draft: Draft) -> None:
    """Give touched crews their new times at once, so that what follows finds them as a plan would have them.

    A move is taking out and putting in, each with its times, and costs what `recommend` says of the two.
    """
    for crew, times in retime(draft):
        crew.before, crew.is_touched = timed_crew(draft, crew, times), False
        for stop, start in zip(crew.stops, times.starts, strict=True):
            stop.start_seconds = start


def _kept(crew: OpenCrew) -> Crew:
    assert crew.before is not None, "a new crew is touched"
    return crew.before


def with_left(problem: Problem, plan: Plan, left: Lefts, not_held: Lefts) -> Plan:
    """A plan with what is left, each with its reasons; where none are given they are found."""
    held = [
        (problem.site_number[problem.sessions[problem.session_number[name]].site], half_day)
        for name, half_day in sessions_in(problem, plan).items()
    ]
    last = problem.days[-1].date
    deferred: list[Left] = []
    unplanned: list[Left] = []
    for name, codes in left.items():
        item = problem.follow_ups[problem.follow_up_number[name]]
        entry = Left(name, codes or _reasons(problem, name, held))
        (deferred if item.latest > last else unplanned).append(entry)
    sessions = tuple(
        Left(name, codes or session_reasons(problem, problem.session_number[name])) for name, codes in not_held.items()
    )
    return Plan(plan.crews, plan.phone_calls, tuple(deferred), tuple(unplanned), sessions)


def _reasons(problem: Problem, name: str, held: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """What stands in the way of one follow-up taken by itself."""
    part = excerpt(problem, (name,))
    return reasons_of(part, units_of(part)[0], held)


def canonical(problem: Problem, plan: Plan) -> Plan:
    """The same plan with everything in the one order, so that equal plans are equal documents."""
    item, session, member = problem.follow_up_number, problem.session_number, problem.member_number
    return Plan(
        tuple(sorted((_ordered(problem, crew) for crew in plan.crews), key=lambda crew: (crew.half_days, crew.id))),
        tuple(
            sorted(
                plan.phone_calls,
                key=lambda call: (call.half_day, member[call.member], item[call.follow_up]),
            )
        ),
        tuple(sorted(plan.deferred, key=lambda left: item[left.id])),
        tuple(sorted(plan.unplanned, key=lambda left: item[left.id])),
        tuple(sorted(plan.sessions_not_held, key=lambda left: session[left.id])),
    )


def _ordered(problem: Problem, crew: Crew) -> Crew:
    """A crew whose stops name their follow-ups in the problem's order; the same object where they do already."""
    stops = tuple(_ordered_stop(problem, stop) for stop in crew.stops)
    return crew if all(new is old for new, old in zip(stops, crew.stops, strict=True)) else replace(crew, stops=stops)


def _ordered_stop(problem: Problem, stop: Stop) -> Stop:
    names = in_order(problem, stop.follow_ups)
    return stop if names == stop.follow_ups else replace(stop, follow_ups=names)


def free_crew_id(taken: Iterable[str], half_days: tuple[int, ...], vehicle: str) -> str:
    """The usual id of a crew, with a number behind it where that is taken."""
    known, usual = Counter(taken), f"H{half_days[0]:02d}-{vehicle}"
    numbers = (f"{usual}.{number}" for number in range(2, len(known) + 3))
    return usual if usual not in known else next(name for name in numbers if name not in known)
