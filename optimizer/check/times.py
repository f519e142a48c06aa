"""Does the clock add up along every route: travel, service, lunch, working time, order classes."""

from collections.abc import Iterator

from optimizer.calendar import HALVES_PER_DAY, Day
from optimizer.check.case import AFTERNOON, Case, Outing, Visit, bounds_of
from optimizer.check.durations import required_seconds
from optimizer.check.sentences import NOTHING, Both, breach, clock, crew_name, listed, stop_name
from optimizer.model import FollowUp, OrderClass
from optimizer.plan import Violation

RANKS = {OrderClass.CLEAN: 0, OrderClass.GENERAL: 1, OrderClass.INFECTIOUS: 2}


def judge_times(case: Case) -> Iterator[Violation]:
    """TRAVEL_TIME, SERVICE_TIME, WORKING_TIME, LUNCH and ORDER_CLASS of every outing."""
    for outing in case.outings:
        yield from _judge_travel(outing)
        yield from _judge_places(outing)
        yield from _judge_service(case, outing)
        yield from _judge_working_time(case, outing)
        yield from _judge_lunch(outing)
        yield from _judge_order(case, outing)


def gaps_of(outing: Outing) -> list[tuple[int, int, int]]:
    """(end before, start after, travel seconds) of every gap of a route, the last one being the way back."""
    ends = [outing.crew.start_seconds, *(visit.stop.end_seconds for visit in outing.visits)]
    starts = [*(visit.stop.start_seconds for visit in outing.visits), outing.crew.end_seconds]
    travel = [*(visit.travel_seconds for visit in outing.visits), outing.return_seconds]
    return list(zip(ends, starts, travel, strict=True))


def find_lunch_gap(outing: Outing) -> int | None:
    """The number of the gap that holds the lunch break, or None."""
    lunch = outing.crew.lunch
    if lunch is None:
        return None
    gaps = enumerate(gaps_of(outing))
    return next((n for n, (end, start, _) in gaps if end <= lunch.start_seconds and lunch.end_seconds <= start), None)


def normal_end(outing: Outing) -> int:
    """The end of the outing's last half-day, before overtime."""
    return bounds_of(outing.day, outing.crew.half_days[-1])[1]


def hard_end(day: Day, half_day: int, max_overtime_seconds: int) -> int:
    """When a crew must be back: normal end plus overtime; after a morning, in time for lunch before the afternoon."""
    end = bounds_of(day, half_day)[1]
    if half_day % HALVES_PER_DAY == AFTERNOON:
        return end + max_overtime_seconds
    return max(end, min(end + max_overtime_seconds, day.afternoon_start_seconds - day.lunch_seconds))


def _judge_travel(outing: Outing) -> Iterator[Violation]:
    lunch, lunch_gap = outing.crew.lunch, find_lunch_gap(outing)
    for number, (end, start, travel) in enumerate(gaps_of(outing)):
        is_return = number == len(outing.visits)
        name = _way_back_name(outing) if is_return else stop_name(outing.crew, number)
        arrival = start if is_return else outing.visits[number].stop.arrival_seconds
        if arrival < end + travel:
            earliest = clock(end + travel)
            expected = Both(
                f"{earliest}或更晚到达（路程{travel}秒）", f"arrival at {earliest} or later (travel {travel} s)"
            )
            yield breach("TRAVEL_TIME", name, expected, clock(arrival))
        if start < arrival:
            expected = Both(f"到达时间{clock(arrival)}或更晚开始", f"a start at arrival {clock(arrival)} or later")
            yield breach("TRAVEL_TIME", name, expected, clock(start))
        if lunch and number == lunch_gap:
            needed = travel + lunch.end_seconds - lunch.start_seconds
            if start - end < needed:
                expected = Both(f"路程加午休{needed}秒", f"{needed} seconds for travel and lunch")
                yield breach("LUNCH", name, expected, start - end)


def _way_back_name(outing: Outing) -> Both:
    name = crew_name(outing.crew)
    return Both(f"{name.zh}返程", f"{name.en}, way back")


def _judge_places(outing: Outing) -> Iterator[Violation]:
    for visit in outing.homes:
        elsewhere = [item for item in visit.items if item.site != visit.stop.site]
        for item in elsewhere:
            name = stop_name(outing.crew, visit.position)
            expected = Both(f"随访{item.id}的地点{item.site}", f"the site {item.site} of follow-up {item.id}")
            yield breach("TRAVEL_TIME", name, expected, visit.stop.site or NOTHING)


def _judge_service(case: Case, outing: Outing) -> Iterator[Violation]:
    for visit in outing.visits:
        name = stop_name(outing.crew, visit.position)
        expected, found = required_seconds(case, visit), visit.stop.end_seconds - visit.stop.start_seconds
        if expected and found != expected:
            yield breach("SERVICE_TIME", name, Both(f"时长{expected}秒", f"{expected} seconds"), found)
        if not visit.is_session and len(households_of(visit.items)) > 1:
            households = [", ".join(sorted(group)) for group in households_of(visit.items)]
            yield breach("SERVICE_TIME", name, Both("每站一户", "one household at a stop"), " | ".join(households))


def households_of(items: tuple[FollowUp, ...]) -> list[set[str]]:
    """Residents that belong together: joined by a household that any of their items names."""
    groups: list[tuple[set[str], set[str]]] = []
    for item in items:
        residents, households = {item.resident}, {item.household} - {""}
        for group in [group for group in groups if group[0] & residents or group[1] & households]:
            groups.remove(group)
            residents, households = residents | group[0], households | group[1]
        groups.append((residents, households))
    return [residents for residents, _ in groups]


def _judge_working_time(case: Case, outing: Outing) -> Iterator[Violation]:
    crew, half_days = outing.crew, outing.crew.half_days
    earliest = bounds_of(outing.day, half_days[0])[0]
    latest = hard_end(outing.day, half_days[-1], case.parameters.max_overtime_seconds)
    if crew.start_seconds < earliest:
        expected = Both(f"{clock(earliest)}或更晚出发", f"leaving at {clock(earliest)} or later")
        yield breach("WORKING_TIME", crew_name(crew), expected, clock(crew.start_seconds))
    if crew.end_seconds > latest:
        expected = Both(f"{clock(latest)}前返回", f"back by {clock(latest)}")
        yield breach("WORKING_TIME", crew_name(crew), expected, clock(crew.end_seconds))


def _judge_lunch(outing: Outing) -> Iterator[Violation]:
    crew, day, lunch = outing.crew, outing.day, outing.crew.lunch
    first, last = day.lunch_earliest_seconds, day.lunch_latest_seconds
    window = f"{clock(first)}-{clock(last)}"
    expected = Both(f"{window}开始、{day.lunch_seconds}秒的午休", f"a lunch of {day.lunch_seconds} s begun in {window}")
    if lunch is None:
        if len(crew.half_days) == HALVES_PER_DAY and crew.end_seconds > last:
            yield breach("LUNCH", crew_name(crew), expected, NOTHING)
        return
    found = f"{clock(lunch.start_seconds)}-{clock(lunch.end_seconds)}"
    is_long = lunch.end_seconds - lunch.start_seconds == day.lunch_seconds
    if not (is_long and first <= lunch.start_seconds <= last):
        yield breach("LUNCH", crew_name(crew), expected, found)
    if find_lunch_gap(outing) is None:
        yield breach("LUNCH", crew_name(crew), Both("午休在两站之间", "lunch between two stops"), found)


def _judge_order(case: Case, outing: Outing) -> Iterator[Violation]:
    so_far = 0
    for visit in outing.visits:
        ranks = _ranks(visit, is_strict=case.parameters.strict_order_classes)
        if min(ranks) < so_far:
            name = stop_name(outing.crew, visit.position)
            classes = "clean, general, infectious" if case.parameters.strict_order_classes else "infectious last"
            found = listed([f"{item.id} {item.order_class}" for item in visit.items] or [visit.stop.session])
            yield breach("ORDER_CLASS", name, Both("先洁后污，感染性在最后", f"order {classes}"), found)
        so_far = max(so_far, *ranks)


def _ranks(visit: Visit, *, is_strict: bool) -> list[int]:
    classes = [OrderClass.GENERAL] if visit.is_session else [item.order_class for item in visit.items]
    ranks = [RANKS[one] for one in classes or [OrderClass.GENERAL]]
    return ranks if is_strict else [rank // RANKS[OrderClass.INFECTIOUS] for rank in ranks]
