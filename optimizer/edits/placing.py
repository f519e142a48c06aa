"""Putting follow-ups, stops and sessions into a draft: crews found or formed, and the best place in a crew's order."""

from collections.abc import Collection

from optimizer.edits.draft import Draft, OpenCrew, OpenStop
from optimizer.edits.finish import free_crew_id
from optimizer.edits.kinds import AtHome, CrewRef
from optimizer.edits.looks import Look, look_at, look_at_position, looks_of
from optimizer.edits.route import Meet
from optimizer.edits.timing import kept_starts, pairs_of


def crew_for(draft: Draft, ref: CrewRef) -> OpenCrew:
    """The crew meant; a new one is formed. The faults must have been looked for before."""
    if isinstance(ref, str):
        crew = draft.find_crew(ref)
        assert crew is not None, "a crew that is not there is a fault"
        return crew
    name = free_crew_id((crew.id for crew in draft.crews), ref.half_days, ref.vehicle)
    team = ref.team or draft.problem.members[draft.problem.member_number[ref.members[0]]].team
    crew = OpenCrew(name, ref.half_days, ref.members, team, ref.vehicle, [], is_touched=True)
    draft.crews.append(crew)
    return crew


def put_home(draft: Draft, follow_ups: tuple[str, ...], to: AtHome) -> None:
    """Put follow-ups of one household at home with a crew, or with both crews of a joint visit."""
    crew = crew_for(draft, to.crew)
    own = find_household_stop(draft, crew, follow_ups[0])
    stop = OpenStop(draft.item(follow_ups[0]).site, list(follow_ups))
    if to.second_crew is not None:
        _put_pair(draft, crew, to.position, crew_for(draft, to.second_crew), to.second_position, follow_ups)
    elif to.position is None and own is not None and _joins_better(draft, crew, own, stop):
        own.follow_ups.extend(follow_ups)
        crew.is_touched = True
    else:
        put_stop(draft, crew, stop, to.position)


def put_stop(draft: Draft, crew: OpenCrew, stop: OpenStop, position: int | None) -> None:
    """Put a stop at a position of a crew's order, or where it is least bad and cheapest."""
    if position is None:
        looks = looks_of(draft, crew, stop, standing_meets(draft))
        position = min(looks, key=lambda look: (*look.key, look.position)).position
    draft.put_in(crew, stop, min(position, len(crew.stops)))


def standing_meets(draft: Draft) -> dict[str, Meet]:
    """The starts of joint visits as they are."""
    return kept_starts(pairs_of(draft))


def find_household_stop(draft: Draft, crew: OpenCrew, follow_up: str) -> OpenStop | None:
    """The crew's home stop at the same household, where one more thing can be done; None for joint visits."""
    item = draft.item(follow_up)
    if item.joint is not None:
        return None
    for stop in crew.stops:
        if stop.session or stop.site != item.site:
            continue
        others = draft.items(stop)
        is_own = any(
            other.resident == item.resident or (item.household and other.household == item.household)
            for other in others
        )
        if is_own and all(other.joint is None and other.order_class is item.order_class for other in others):
            return stop
    return None


def _joins_better(draft: Draft, crew: OpenCrew, own: OpenStop, stop: OpenStop) -> bool:
    """Whether doing it at the household's stop is at least as good as the best stop of its own."""
    meets = standing_meets(draft)
    alone = min(look.key for look in looks_of(draft, crew, stop, meets))
    names = list(own.follow_ups)
    own.follow_ups.extend(stop.follow_ups)
    joined = look_at(draft, crew, meets).key
    own.follow_ups[:] = names
    return joined <= alone


def _put_pair(
    draft: Draft,
    crew: OpenCrew,
    position: int | None,
    other: OpenCrew,
    other_position: int | None,
    follow_ups: tuple[str, ...],
) -> None:
    """Put both halves of a joint visit where they are least bad and cheapest together."""
    site, name = draft.item(follow_ups[0]).site, follow_ups[0]
    stops = OpenStop(site, list(follow_ups)), OpenStop(site, list(follow_ups))
    places = [
        range(len(each.stops) + 1) if given is None else (min(given, len(each.stops)),)
        for each, given in ((crew, position), (other, other_position))
    ]
    first, second = best_pair(draft, name, (crew, stops[0], places[0]), (other, stops[1], places[1]))
    draft.put_in(crew, stops[0], first.position)
    draft.put_in(other, stops[1], second.position)


Half = tuple[OpenCrew, OpenStop, Collection[int]]
"""A crew, the stop that it would get, and the positions to choose from."""


def best_pair(draft: Draft, name: str, first: Half, second: Half) -> tuple[Look, Look]:
    """The least bad and cheapest places of both halves of a joint visit that start together.

    Waiting for each other never makes a day better, so combinations are tried in the order of what both days cost
    alone, until that is no better than the best found.
    """
    meets = standing_meets(draft)
    heres, theres = (
        [look for look in looks_of(draft, crew, stop, meets) if look.position in places]
        for crew, stop, places in (first, second)
    )
    combinations = sorted(
        ((_both(here, there), here, there) for here in heres for there in theres),
        key=lambda one: (one[0], one[1].position, one[2].position),
    )
    best: tuple[tuple[int, ...], Look, Look] | None = None
    for bound, here, there in combinations:
        if best is not None and bound >= best[0]:
            break
        start = max(here.start_seconds, there.start_seconds)
        together = {**meets, name: Meet(start, is_fixed=True)}
        pair = [
            look_at_position(draft, half[0], half[1], look.position, together)
            for half, look in ((first, here), (second, there))
        ]
        if best is None or _both(*pair) < best[0]:
            best = _both(*pair), pair[0], pair[1]
    assert best is not None, "there is always a place at the end"
    return best[1], best[2]


def _both(here: Look, there: Look) -> tuple[int, ...]:
    return tuple(one + other for one, other in zip(here.key, there.key, strict=True))
