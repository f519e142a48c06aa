"""New times for the crews that an edit touched. Both crews of a joint visit start together.

A joint visit whose time stands keeps it as long as that works, so that the other crew's day is left alone; else both
crews, and whoever meets them in turn, get new times with the earliest common start.
"""

from collections.abc import Iterable

from optimizer.edits.draft import Draft, OpenCrew, OpenStop
from optimizer.edits.route import Meet, seconds_of, times_of, windows_of
from optimizer.edits.schedule import Badness, Times
from optimizer.edits.windows import is_in

DAY_SECONDS = 86_400
MOST_ROUNDS = 30
"""Of pushing common starts later; each round settles at least one visit, so real weeks need two or three."""
Pair = tuple[tuple[OpenCrew, OpenStop], tuple[OpenCrew, OpenStop]]
Timed = list[tuple[OpenCrew, Times]]


def retime(draft: Draft) -> Timed:
    """Times of every touched crew, and of those that have to wait for them; the old ones where these still hold."""
    same = [(crew, times) for crew in draft.touched() if (times := _same_times(draft, crew)) is not None]
    touched = [crew for crew in draft.touched() if all(crew is not other for other, _ in same)]
    return [*same, *_retimed(draft, touched)]


def _same_times(draft: Draft, crew: OpenCrew) -> Times | None:
    """The times that stood before, where nothing that takes time has changed and they still suit everybody."""
    before = crew.before
    if before is None or len(before.stops) != len(crew.stops) or before.half_days != crew.half_days:
        return None
    if not _drives_alike(draft, crew.vehicle, before.vehicle):
        return None
    for stop, old in zip(crew.stops, before.stops, strict=True):
        is_same = stop.site == old.site and stop.session == old.session and stop.start_seconds == old.start_seconds
        if not is_same or seconds_of(draft, stop) != old.end_seconds - old.start_seconds:
            return None
        if set(stop.follow_ups) != set(old.follow_ups) and not is_in(windows_of(draft, crew, stop), old.start_seconds):
            return None
    return Times(
        before.start_seconds,
        tuple(stop.arrival_seconds for stop in before.stops),
        tuple(stop.start_seconds for stop in before.stops),
        before.end_seconds,
        before.lunch.start_seconds if before.lunch is not None else None,
        Badness(),
    )


def _drives_alike(draft: Draft, vehicle: str, other: str) -> bool:
    """Whether two vehicles have the same travel times from the same base."""
    one, two = (draft.problem.vehicles[draft.problem.vehicle_number[name]] for name in (vehicle, other))
    return one.mode == two.mode and one.base == two.base


def _retimed(draft: Draft, touched: list[OpenCrew]) -> Timed:
    """New times of crews whose stops have changed."""
    pairs = pairs_of(draft) if touched else {}
    involved = {name: pair for name, pair in pairs.items() if any(crew is one for one in touched for crew, _ in pair)}
    if not involved:
        return [(crew, times_of(draft, crew, {})) for crew in touched]
    kept = _timed(draft, touched, involved, kept_starts(involved))
    if _breaches(kept, involved) == (0, 0):
        return kept
    group = _connected(touched, pairs.values())
    within = {name: pair for name, pair in pairs.items() if pair[0][0] in group or pair[1][0] in group}
    moved = _timed(draft, group, within, {})
    return moved if _breaches(moved, within) < _breaches(kept, within) else kept


def pairs_of(draft: Draft) -> dict[str, Pair]:
    """Both halves of every joint visit that two crews of one day share."""
    halves: dict[str, list[tuple[OpenCrew, OpenStop]]] = {}
    for crew in draft.crews:
        for stop in crew.stops:
            for name in () if stop.session else stop.follow_ups:
                if draft.item(name).joint is not None:
                    halves.setdefault(name, []).append((crew, stop))
    return {
        name: (found[0], found[1])
        for name, found in halves.items()
        if len(found) == 2 and found[0][0] is not found[1][0] and found[0][0].day == found[1][0].day
    }


def kept_starts(pairs: dict[str, Pair]) -> dict[str, Meet]:
    """The common starts that stood before the edit."""
    meets = {}
    for name, ((_, first), (_, second)) in pairs.items():
        if first.start_seconds is not None and first.start_seconds == second.start_seconds:
            meets[name] = Meet(first.start_seconds, is_fixed=True)
    return meets


def _timed(draft: Draft, crews: list[OpenCrew], pairs: dict[str, Pair], fixed: dict[str, Meet]) -> Timed:
    """Times of the crews; joint visits without a fixed start wait for the later of both, until all agree.

    Starts only ever move later, so the first agreement is the earliest (longest paths over both routes). Two crews
    that meet twice in opposite order never agree: then nobody waits, and the judge says that they do not meet.
    """
    partners = {id(crew): crew for pair in pairs.values() for crew, _ in pair}
    listed = [*crews, *(crew for key, crew in partners.items() if all(crew is not one for one in crews))]
    free = {name: pair for name, pair in pairs.items() if name not in fixed}
    meets = dict(fixed)
    alone = timed = [(crew, times_of(draft, crew, meets)) for crew in listed]
    for _ in range(MOST_ROUNDS):
        starts = {
            id(stop): start for crew, times in timed for stop, start in zip(crew.stops, times.starts, strict=True)
        }
        together = {name: [starts[id(stop)] for _, stop in pair] for name, pair in free.items()}
        if all(first == second for first, second in together.values()):
            break
        if any(max(both) >= DAY_SECONDS for both in together.values()):
            timed = alone
            break
        meets = {**fixed, **{name: Meet(max(both), is_fixed=False) for name, both in together.items()}}
        timed = [(crew, times_of(draft, crew, meets)) for crew in listed]
    else:
        timed = alone
    changed = {id(crew) for crew in crews} | {id(crew) for pair in free.values() for crew, _ in pair}
    return [(crew, times) for crew, times in timed if id(crew) in changed]


def _breaches(timed: Timed, pairs: dict[str, Pair]) -> tuple[int, int]:
    """Broken rules and by how many seconds, over all the crews; crews that miss each other count as a broken rule."""
    badness = [times.badness for _, times in timed]
    starts = {id(stop): start for crew, times in timed for stop, start in zip(crew.stops, times.starts, strict=True)}
    both = [[starts.get(id(stop), stop.start_seconds) for _, stop in pair] for pair in pairs.values()]
    missed = sum(first != second for first, second in both)
    return sum(one.breaches for one in badness) + missed, sum(one.seconds for one in badness)


def _connected(touched: list[OpenCrew], pairs: Iterable[Pair]) -> list[OpenCrew]:
    """The touched crews and everybody who meets them, and those who meet these."""
    group, edges = list(touched), [(first[0], second[0]) for first, second in pairs]
    has_grown = True
    while has_grown:
        has_grown = False
        for one, other in edges:
            is_in = [any(crew is known for known in group) for crew in (one, other)]
            if is_in[0] != is_in[1]:
                group.append(other if is_in[0] else one)
                has_grown = True
    return group
