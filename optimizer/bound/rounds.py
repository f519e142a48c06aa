"""Column generation: the master's dual prices, the cheapest routes at them, and again; exact rounds prove a bound.

The bound of a round is Lagrange's: for any dual prices, their sum plus the least reduced cost of every route, each
used at most once. Prices are smoothed towards the best so far (Wentges 1997).
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.bound.answer import BoundParams
from optimizer.bound.cuts import separate
from optimizer.bound.master import Answer, Master, pairs_of
from optimizer.bound.network import UNIT
from optimizer.bound.pricing import Duals, Level, Priced, Pricer, Room
from optimizer.bound.start import Prices
from optimizer.routing.input import NOBODY, Int64, RoutingInput
from optimizer.stop import Running

SMOOTHING = 0.3
CLOSE = 0.002
"""Levels change when the guess of the bound is so near the programme's value."""
SHARES = {Level.QUICK: 0.15, Level.CLOSER: 0.35}
"""Shares of the budget after which a level ends in any case, so that something is proven."""
DONE = 0.0005
LEAST_SLACK = 0.01
LOOK_SECONDS = 0.05
MOST_ADDED, MOST_PER_VISIT = 12, 5
"""New columns of a route in one round, and of them those with one visit."""


class Centre(NamedTuple):
    """The dual prices with the best bound so far, in cost points."""

    visit: NDArray[np.float64]
    day: NDArray[np.float64]
    cut: NDArray[np.float64]


@dataclass(slots=True)
class Rounds:
    """All that changes from round to round."""

    given: RoutingInput
    params: BoundParams
    pricers: list[Pricer]
    prices: Prices
    master: Master
    running: Running
    cost: int | None
    centre: Centre
    rooms: "SimpleQueue[Room]" = field(default_factory=SimpleQueue)
    stop: Int64 = field(default_factory=lambda: np.zeros(1, np.int64))
    level: Level = Level.QUICK
    guess: int = -(1 << 62)
    """Best value of a round at this level; a bound at the level EXACT."""
    smoothing: float = SMOOTHING
    value: int = 0
    """Proven, in thousandths."""
    count: int = 0
    labels: int = 0
    is_complete: bool = False

    def is_over(self) -> bool:
        """Whether the budget is used, the end is reached or the wanted gap is proven."""
        is_wanted = self.cost is not None and 100 * UNIT * self.cost <= (100 + self.params.wanted_percent) * self.value
        return self.is_complete or is_wanted or self.running.is_over(self.count)

    def turn(self, pool: ThreadPoolExecutor) -> None:
        """One round."""
        answer = self.master.solve()
        duals, mixed = self._duals(answer)
        priced = self._price(pool, duals)
        self.count += 1
        self.labels += sum(one.labels for one in priced)
        if self.stop[0]:
            return
        added = sum(self._add(number, one, answer) for number, one in enumerate(priced))
        total = lagrange_value(self.given, duals, priced)
        is_proven = self.level is Level.EXACT and all(one.is_complete for one in priced)
        if is_proven:
            self.value = max(self.value, total)
        is_step = total > self.guess and (is_proven or self.level is not Level.EXACT)
        if is_step:
            self.guess, self.centre = total, mixed
            self.master.move_box(mixed.visit)
        is_settled = added == 0 and not is_step and all(one.is_real and one.is_complete for one in priced)
        self._adapt(answer, total, bool(added or is_step), is_settled)

    def _duals(self, answer: Answer) -> tuple[Duals, Centre]:
        """The smoothed dual prices, in whole thousandths and as the next centre."""
        cut = np.zeros(len(answer.cut))
        cut[: len(self.centre.cut)] = self.centre.cut
        share = self.smoothing
        pairs = ((self.centre.visit, answer.visit), (self.centre.day, answer.day), (cut, answer.cut))
        whole = [np.rint(UNIT * (share * old + (1 - share) * new)).astype(np.int64) for old, new in pairs]
        centre = Centre(*(part / UNIT for part in whole))
        return Duals(whole[0], whole[1], whole[2]), centre

    def _price(self, pool: ThreadPoolExecutor, duals: Duals) -> list[Priced]:
        """All routes, side by side; tells the kernels to stop when the time is up or somebody cancelled."""
        jobs = [pool.submit(self._price_one, pricer, duals) for pricer in self.pricers]
        left: set[Future[Priced]] = set(jobs)
        while left:
            left = wait(left, timeout=LOOK_SECONDS).not_done
            if left and self.running.is_over(self.count):
                self.stop[0] = 1
        return [job.result() for job in jobs]

    def _price_one(self, pricer: Pricer, duals: Duals) -> Priced:
        room = self.rooms.get()
        try:
            return pricer.price(self.level, duals, self.master.cuts, room, self.stop)
        finally:
            self.rooms.put(room)

    def _add(self, route: int, priced: Priced, answer: Answer) -> int:
        """Add routes that the programme lacks; returns how many."""
        net, day, added = self.pricers[route].net, self.pricers[route].day, 0
        worth = answer.visit + answer.day[:, day]
        for stops in _diverse(priced):
            visits = tuple(net.visits[stops].tolist())
            price = self.prices.of(route, visits)
            paid = sum(answer.cut[number] for number, cut in enumerate(self.master.cuts) if _counts(cut, visits))
            if price is not None and price / UNIT - worth[list(visits)].sum() - answer.route[route] + paid < -1 / UNIT:
                added += self.master.add((route, visits), price)
        return added

    def _adapt(self, answer: Answer, total: int, is_moving: bool, is_settled: bool) -> None:
        """Go to the next level, smooth less, widen the box, cut, or find that all is done."""
        if self.level is not Level.EXACT:
            is_close = answer.value - total / UNIT < CLOSE * answer.value and answer.slack < LEAST_SLACK
            if is_close or not is_moving or self.running.fraction(self.count) >= SHARES[self.level]:
                self._go_to(Level(self.level + 1))
        elif answer.slack < LEAST_SLACK and answer.value - self.value / UNIT <= DONE * answer.value:
            self._cut(answer)
        elif is_moving or self.smoothing > 0:
            self.smoothing = SMOOTHING if is_moving else 0.0
        elif answer.slack >= LEAST_SLACK:
            self.master.width *= 2
            self.master.move_box(answer.visit)
        elif is_settled:
            self._cut(answer)

    def _go_to(self, level: Level) -> None:
        self.level, self.guess = level, -(1 << 62)

    def _cut(self, answer: Answer) -> None:
        """Add broken cuts; without any, all is done."""
        routes, shares = [visits for visits, _ in answer.mixture], [share for _, share in answer.mixture]
        found = separate(routes, shares, self.master.cuts, self.params.most_cuts) if self.params.most_cuts else []
        for cut in found:
            self.master.add_cut(cut)
        self.is_complete = not found
        if found:
            self._go_to(Level.CLOSER)


def lagrange_value(given: RoutingInput, duals: Duals, priced: Sequence[Priced]) -> int:
    """The bound that dual prices prove, in thousandths.

    Every plan pays for each group (a visit, or a joint visit) its dual prices or what leaving it costs, and for every
    route at least the least reduced cost or, unused, nothing; a cut is counted at most once.
    """
    worth = duals.visit
    halves = pairs_of(given)
    groups = [list(pair) for pair in halves]
    groups += [[visit] for visit in range(given.depots, given.nodes) if given.partner[visit] == NOBODY]
    left = sum(min(int(worth[group].sum()), UNIT * int(given.penalty[group].sum())) for group in groups)
    return left - int(duals.cut.sum()) + sum(min(0, one.least) for one in priced)


def _counts(cut: Sequence[int], visits: Sequence[int]) -> bool:
    return sum(visit in cut for visit in visits) > 1


def _diverse(priced: Priced) -> Iterator[Int64]:
    """The cheapest routes that do not all make the same visits."""
    used: dict[int, int] = {}
    seen: set[frozenset[int]] = set()
    for _, stops in priced.routes:
        visits = frozenset(stops.tolist())
        if visits in seen or any(used.get(visit, 0) >= MOST_PER_VISIT for visit in visits):
            continue
        seen.add(visits)
        for visit in visits:
            used[visit] = used.get(visit, 0) + 1
        yield stops
        if len(seen) >= MOST_ADDED:
            return
