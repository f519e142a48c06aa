"""The best places for one follow-up, each tried on the crews around it with the edit's own timing and judge.

Places are tried in the order of a price they cannot go below, until no other can be among the best.
"""

from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

from optimizer.calendar import day_of
from optimizer.check import check
from optimizer.edits.applying import cost_difference, draft_of, violations_beyond
from optimizer.edits.candidates import Group, change_prices, groups_of, half_day_at, home_price, paid_for_time
from optimizer.edits.draft import Draft, OpenCrew, OpenStop
from optimizer.edits.excerpts import excerpt, related_crews, served_by, sessions_of, with_earlier
from optimizer.edits.faults import EditFaults, edit_fault
from optimizer.edits.finish import finish
from optimizer.edits.kinds import AddFollowUp, AtHome, AtSession, AtStop, ByPhone, MoveFollowUp, Place
from optimizer.edits.looks import Look, look_at, looks_of
from optimizer.edits.placing import best_pair, find_household_stop, standing_meets
from optimizer.edits.route import Meet, legs_of
from optimizer.edits.shortfall import refusal_of
from optimizer.edits.slots import Recommendation, Slot
from optimizer.edits.trials import Outcome, Trial, cut_plan, trial_of_crews, trial_of_member
from optimizer.model import Channel, FollowUp
from optimizer.plan import CostBreakdown, PhoneCall, Plan, Violation
from optimizer.problem import Problem
from optimizer.rules import COST_PARTS

JOINED = -1
"""Stands for the household's own stop among the positions of a crew."""
MOST_JOINT_PAIRS = 40
"""Pairs of crews tried for a joint visit, the most promising first."""
MOST_SEATS = 3
"""Positions of one crew that the judge is asked about when it refuses the first."""


@dataclass(frozen=True, slots=True)
class Vacated:
    """A plan without the follow-up, what taking it out costs, breaks and mends."""

    plan: Plan
    price: CostBreakdown
    broken: tuple[Violation, ...]
    mended: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a follow-up, the plan without it, and that plan laid open."""

    problem: Problem
    item: FollowUp
    is_move: bool
    vacated: Vacated
    draft: Draft
    change: dict[tuple[Channel, int], int]
    meets: dict[str, Meet]
    groups: list[Group]


def recommend(problem: Problem, plan: Plan, follow_up: str, most: int = 5) -> Recommendation:
    """The best places for a follow-up, planned or left, and the best of those that some rule refuses.

    Prices are exact: what applying the slot's edit costs. Raises EditFaults when the follow-up is unknown or the plan
    names what the problem does not have.
    """
    if follow_up not in problem.follow_up_number:
        raise EditFaults((edit_fault("UNKNOWN_FOLLOW_UP", "/follow_up", follow_up, "a follow-up of the problem"),))
    question = _ask(problem, plan, follow_up)
    found, near = _best_slots(question, most)
    return Recommendation(follow_up, tuple(found), _best_refused(question, found, near, most))


def _best_slots(question: Question, most: int) -> tuple[list[Slot], list[Slot]]:
    """The best places and those that turned out to be refused on the way.

    Groups wait in the order of their bounds. A crew comes up twice: once for a look at the clock, which sharpens its
    bound or rules it out, and once for the judge.
    """
    waiting = [(group.bound, group.rank, number, group) for number, group in enumerate(question.groups)]
    heapify(waiting)
    found: list[Slot] = []
    refused: list[Slot] = []
    kinds: set[tuple[Channel, str, str]] = set()
    late: list[tuple[tuple[int, ...], int, Group]] = []
    looked: dict[int, list[Look]] = {}
    pairs = 0
    while waiting:
        bound, rank, number, group = heappop(waiting)
        if len(found) >= most and bound + question.vacated.price.total >= sorted(map(_price, found))[most - 1]:
            break
        if not group.is_likely or group.kind in kinds or pairs > MOST_JOINT_PAIRS:
            continue
        is_visit = group.channel is Channel.HOME and not group.second_crew
        if is_visit and number not in looked:
            looked[number] = _looks(question, group)
            sharpened = _sharpened(question, group, looked[number])
            if sharpened is None:
                late.append((looked[number][0].key, number, group))
            else:
                heappush(waiting, (sharpened, rank, number, group))
            continue
        pairs += bool(group.second_crew)
        slot = _best_in(question, group, looked.get(number))
        if slot.is_feasible:
            found.append(slot)
            kinds.add(group.kind)
        else:
            refused.append(slot)
    nearest = sorted(late, key=lambda one: one[:2])[:most]
    refused += [_best_in(question, group, looked[number]) for _, number, group in nearest]
    return sorted(found, key=_price)[:most], [slot for slot in refused if not slot.is_feasible]


def _price(slot: Slot) -> int:
    return slot.price.total


def _best_refused(question: Question, found: list[Slot], near: list[Slot], most: int) -> tuple[Slot, ...]:
    """The best refused places: those that only the trial refused, then the cheapest that people or date rule out."""
    kinds = {(slot.channel, slot.members) for slot in (*found, *near)}
    slots = list(near)
    for group in question.groups:
        if len(slots) >= len(near) + most:
            break
        if group.is_likely:
            continue
        slot = _best_in(question, group, None)
        if not slot.is_feasible and (slot.channel, slot.members) not in kinds:
            slots.append(slot)
            kinds.add((slot.channel, slot.members))
    return tuple(sorted(slots, key=lambda slot: (len(slot.refusals), slot.price.total))[:most])


def _looks(question: Question, group: Group) -> list[Look]:
    """All positions of a crew as the clock sees them, best first; -1 is the household's own stop."""
    crew = _crew(question.draft, group)
    stop, meets = OpenStop(question.item.site, [question.item.id]), question.meets
    looks = looks_of(question.draft, crew, stop, meets)
    own = find_household_stop(question.draft, crew, question.item.id)
    if own is not None:
        own.follow_ups.append(question.item.id)
        looks.append(replace(look_at(question.draft, crew, meets), position=JOINED))
        own.follow_ups.pop()
    return sorted(looks, key=lambda look: (*look.key, look.position))


def _sharpened(question: Question, group: Group, looks: list[Look]) -> int | None:
    """The bound of a crew with the price of time at its best position, None where no position is in time.

    Where the day has joint visits, which may move, the plain bound.
    """
    crew = _crew(question.draft, group)
    if _meets_others(question, crew):
        return group.bound
    if looks[0].breaches:
        return None
    travel = sum(legs_of(question.problem, crew, crew.stops)) * question.problem.weights.travel_second
    price = home_price(question.draft, question.item, crew, question.change)
    return price + looks[0].points - travel - paid_for_time(question.draft, crew)


def _meets_others(question: Question, crew: OpenCrew) -> bool:
    return any(name in question.meets for stop in crew.stops for name in stop.follow_ups)


def _crew(draft: Draft, group: Group) -> OpenCrew:
    crew = draft.find_crew(group.crew)
    assert crew is not None, "the crew of the group"
    return crew


def _ask(problem: Problem, plan: Plan, follow_up: str) -> Question:
    """The question with the follow-up taken out of the plan."""
    draft = draft_of(problem, plan)
    item = draft.item(follow_up)
    is_move = draft.is_planned(follow_up)
    vacated = Vacated(plan, CostBreakdown(dict.fromkeys(COST_PARTS, 0)), (), ())
    if is_move:
        names = {crew.id for crew, _ in draft.stops_of(follow_up)}
        callers = {call.member for call in draft.calls if call.follow_up == follow_up}
        draft.leave(follow_up)
        vacated = _vacate(problem, plan, finish(draft), follow_up, names, callers)
        draft = draft_of(problem, vacated.plan)
    change = change_prices(problem, item)
    return Question(
        problem, item, is_move, vacated, draft, change, standing_meets(draft), groups_of(draft, item, change)
    )


def _vacate(problem: Problem, plan: Plan, vacated: Plan, follow_up: str, names: set[str], callers: set[str]) -> Vacated:
    """What taking a follow-up out does, judged on the crews around it."""
    crews = related_crews(problem, plan, names, all_week=True)
    if callers:
        crews = tuple(crew for crew in plan.crews if crew in crews or not callers.isdisjoint(crew.members))
    calls = tuple(call for call in plan.phone_calls if call.member in callers)
    around = {crew.id for crew in crews}
    follow_ups = served_by(crews) | {call.follow_up for call in calls} | {follow_up}
    part = excerpt(problem, follow_ups, sessions_of(crews))
    part = with_earlier(part, cut_plan(problem.earlier, follow_ups, sessions_of(crews)))
    kept = tuple(crew for crew in vacated.crews if crew.id in around)
    old = check(part, Plan(crews, calls))
    new = check(part, Plan(kept, tuple(call for call in calls if call.follow_up != follow_up)))
    broken = [one for one in violations_beyond(new.violations, old.violations) if one.rule != "ONCE"]
    mended = violations_beyond(old.violations, new.violations)
    return Vacated(vacated, cost_difference(new.cost, old.cost), tuple(broken), mended)


def _best_in(question: Question, group: Group, looks: list[Look] | None) -> Slot:
    """The best place of a group: the cheapest that breaks nothing, else the one that breaks least."""
    if group.channel is Channel.PHONE:
        return _called(question, group)
    if group.channel is Channel.PATROL:
        return _attended(question, group)
    if group.second_crew:
        return _paired(question, group)
    return _visited(question, group, looks or _looks(question, group))


def _called(question: Question, group: Group) -> Slot:
    call = PhoneCall(question.item.id, group.target, group.half_day)
    trial = trial_of_member(question.problem, question.vacated.plan, question.item.id, group.target)
    to = ByPhone(group.target, group.half_day)
    return _slot(question, group, to, trial, trial.with_call(call))


def _attended(question: Question, group: Group) -> Slot:
    trial = trial_of_crews(question.problem, question.vacated.plan, question.item.id, [group.crew])
    found = trial.draft.find_session(group.target)
    assert found is not None, "the session is held by the crew of the group"
    return _slot(question, group, AtSession(group.target), trial, trial.with_attendee(*found))


def _visited(question: Question, group: Group, looks: list[Look]) -> Slot:
    """The best position of a crew. The clock's order of positions is that of their prices, unless lateness has one."""
    trial = trial_of_crews(question.problem, question.vacated.plan, question.item.id, [group.crew])
    crew = _crew(trial.draft, group)
    items = [question.item, *(item for stop in crew.stops for item in trial.draft.items(stop))]
    has_soft = any(window.late_end_seconds for item in items for window in item.time_windows)
    kept = [look for look in looks if not look.breaches]
    if not group.is_likely or not (kept or _meets_others(question, crew)):
        looks = looks[:1]
    elif kept:
        looks = kept if has_soft else kept[:MOST_SEATS]
    best: Slot | None = None
    for look in looks:
        slot = _seated(question, group, trial, crew, look.position)
        if best is None or _order(slot) < _order(best):
            best = slot
        if best.is_feasible and not has_soft:
            break
    assert best is not None, "a crew has at least one position"
    return best


def _seated(question: Question, group: Group, trial: Trial, crew: OpenCrew, position: int) -> Slot:
    """A position of a crew, or its household's stop, tried."""
    if position != JOINED:
        stop = OpenStop(question.item.site, [question.item.id])
        outcome = trial.with_stops([(crew, stop, position)])
        return _slot(question, group, AtHome(group.crew, position), trial, outcome)
    own = find_household_stop(trial.draft, crew, question.item.id)
    assert own is not None, "the look says that there is one"
    place = crew.stops.index(own)
    return _slot(question, group, AtStop(group.crew, place), trial, trial.with_attendee(crew, own))


def _paired(question: Question, group: Group) -> Slot:
    """The best positions of two crews for a joint visit."""
    trial = trial_of_crews(question.problem, question.vacated.plan, question.item.id, [group.crew, group.second_crew])
    crew, other = trial.draft.find_crew(group.crew), trial.draft.find_crew(group.second_crew)
    assert crew is not None, "the crew of the group"
    assert other is not None, "the other crew of the group"
    first, second = (OpenStop(question.item.site, [question.item.id]) for _ in range(2))
    halves = [(each, stop, range(len(each.stops) + 1)) for each, stop in ((crew, first), (other, second))]
    here, there = best_pair(trial.draft, question.item.id, halves[0], halves[1])
    outcome = trial.with_stops([(crew, first, here.position), (other, second, there.position)])
    return _slot(question, group, AtHome(crew.id, here.position, other.id, there.position), trial, outcome)


def _order(slot: Slot) -> tuple[int, int]:
    return len(slot.refusals), slot.price.total


def _slot(question: Question, group: Group, to: Place, trial: Trial, outcome: Outcome) -> Slot:
    """A place with its exact price and whatever it breaks."""
    item, vacated = question.item, question.vacated
    known = (*trial.before.violations, *vacated.mended)
    cured = violations_beyond(trial.before.violations, outcome.verdict.violations)
    broken = (
        *violations_beyond(outcome.verdict.violations, known),
        *violations_beyond(vacated.broken, cured),
    )
    change = cost_difference(outcome.verdict.cost, trial.before.cost)
    price = CostBreakdown({part: change.parts[part] + vacated.price.parts[part] for part in COST_PARTS})
    receiving = tuple(crew for crew in outcome.crews if any(item.id in stop.follow_ups for stop in crew.stops))
    others = tuple(crew for crew in outcome.crews if crew not in receiving)
    starts = [stop.start_seconds for crew in receiving for stop in crew.stops if item.id in stop.follow_ups]
    half_day, members = group.half_day, tuple(name for name in (group.target,) if name)
    if receiving:
        half_day = half_day_at(question.problem, receiving[0].half_days, starts[0])
        members = tuple(name for crew in receiving for name in crew.members)
    return Slot(
        MoveFollowUp(item.id, to) if question.is_move else AddFollowUp(item.id, to),
        group.channel,
        day_of(half_day),
        half_day,
        members,
        starts[0] if starts else None,
        price,
        (*receiving, *others),
        tuple(refusal_of(question.problem, item, receiving, outcome.around, one) for one in broken),
    )
