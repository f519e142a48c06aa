"""The search from outside: starts one or more compiled searches, looks up between chunks, exchanges best plans.

With a budget of iterations the answer does not depend on chunks, threads or the machine; with seconds it does.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from optimizer.routing.anneal import adopt_best, anneal, start_plan
from optimizer.routing.answer import answer_of
from optimizer.routing.arrays import ABSENT, ACCEPTED, BEST, ITERATIONS, Data, Settings, State, blank_state, data_of
from optimizer.routing.cooling import EXACT_ITERATIONS_PER_VISIT, ITERATIONS_PER_VISIT, Cooling
from optimizer.routing.exact import copy_best_choices
from optimizer.routing.exact_extras import extras_of
from optimizer.routing.input import MOST_STOPS, RoutingInput, RoutingOutput, SearchParams, Timing
from optimizer.routing.kernel import drop_stale
from optimizer.routing.load import Routes, listed_routes, load
from optimizer.stop import Budget, Running

HOT, COLD, DETOUR = 1.1, 0.011, 0.2
"""Temperatures and the assumed detour, in mean legs."""
EXACT_HOT, EXACT_COLD = 2.5, 0.05
"""The same with exact timing where lateness has a price: a stop moved makes others late on several routes, and below
the latter nothing better was found."""
EXTRAS_HOT, EXTRAS_COLD = 0.25, 0.02
"""The same with several windows, lunch or a price of waiting: large days with few iterations a visit gain most by it,
small ones would rather have more heat (DECISIONS 37)."""
CROWDED_HOT = 4.4
"""The same where many visits find no room: moving one in means taking another out, which costs more than a detour."""
CROWDED_SHARE = 0.05
"""Share of visits absent from the first plan from which a week counts as crowded; in between, in between."""
REHEAT, EXACT_REHEAT = 0.4, 1.0
"""Temperature at the begin of a further cycle, as a share of the first; with exact timing pairs hold a plan together so
firmly that only a new start leaves a poor one."""
SHORT_LOOK_SECONDS, LONG_LOOK_SECONDS = 0.04, 0.12
FIRST_CHUNK = 64
SEED_STEP = 0x632BE59BD9B4E019
WORD = 1 << 64


class Observer(Protocol):
    """Told about progress between chunks: the share of the budget used and the best cost so far."""

    def __call__(self, share: float, cost: int | None = None) -> None: ...


def search(
    given: RoutingInput,
    *,
    seed: int,
    budget: Budget,
    initial: Routes | None = None,
    observer: Observer | None = None,
    params: SearchParams | None = None,
) -> RoutingOutput:
    """The best routes found. Raises ValueError when arrays or initial routes do not fit the input."""
    params = params or SearchParams()
    drop_stale_kernels()
    running = budget.start()
    data = data_of(given)
    settings = settings_of(given, params)
    listed, lengths = listed_routes(given, initial)
    islands = _Islands(data, settings, params.exchange_iterations)
    for number in range(params.workers):
        state = blank_state(data, (seed + number * SEED_STEP) % WORD)
        load(data, state, listed, lengths)
        start_plan(data, state, settings)
        islands.states.append(state)
    if params.temperature_start is None:
        islands.settings = settings._replace(hot=settings.hot * _heat(given, int(islands.states[0].totals[ABSENT])))
    if given.nodes > given.depots and given.routes:
        _run(islands, running, observer)
    best = islands.best()
    adopt_best(data, best)
    totals = [state.totals for state in islands.states]
    statistics = {
        "iterations": float(sum(int(total[ITERATIONS]) for total in totals)),
        "accepted": float(sum(int(total[ACCEPTED]) for total in totals)),
        "absent": float(best.totals[ABSENT]),
    }
    return answer_of(given, data, best, tuple(islands.trace), statistics)


@dataclass(slots=True)
class _Islands:
    """Searches side by side and what they share."""

    data: Data
    settings: Settings
    exchange_iterations: int
    states: list[State] = field(default_factory=list)
    trace: list[tuple[int, int]] = field(default_factory=list)
    chunk: int = FIRST_CHUNK
    cycle: int = 0

    def iterations(self) -> int:
        """Iterations of each search so far."""
        return int(self.states[0].totals[ITERATIONS])

    def best(self) -> State:
        """The search with the cheapest best plan, the first of equals."""
        return min(self.states, key=lambda state: int(state.totals[BEST]))

    def exchange(self) -> None:
        """Let every search whose best plan is dearer go on from the cheapest."""
        best = self.best()
        for state in self.states:
            if state.totals[BEST] > best.totals[BEST]:
                state.best_stops[:] = best.best_stops
                state.route["best_length"] = best.route["best_length"]
                state.visit["best_frozen"] = best.visit["best_frozen"]
                copy_best_choices(best.exact, state.exact)
                adopt_best(self.data, state)

    def reheat(self, cycle: int) -> None:
        """Begin a cycle: every search goes on from the best plan, less hot than at first."""
        self.exchange()
        for state in self.states:
            adopt_best(self.data, state)
        if self.cycle == 0:
            share = REHEAT if self.data.exact is None else EXACT_REHEAT
            self.settings = self.settings._replace(hot=max(self.settings.cold, share * self.settings.hot))
        self.cycle = cycle

    def note(self) -> None:
        """Keep the best cost in the trace when it has improved."""
        cost = int(self.best().totals[BEST])
        if not self.trace or cost < self.trace[-1][1]:
            self.trace.append((self.iterations(), cost))


def _run(islands: _Islands, running: Running, observer: Observer | None) -> None:
    """Chunks until the budget is over, with a look between them."""
    visits = len(islands.data.visit) - islands.data.depots
    per_visit = ITERATIONS_PER_VISIT if islands.data.exact is None else EXACT_ITERATIONS_PER_VISIT
    cooling = Cooling(running.budget.iterations, visits, per_visit)
    with ThreadPoolExecutor(max_workers=len(islands.states)) as pool:
        islands.note()
        while not running.is_over(islands.iterations()):
            done, looked = islands.iterations(), running.elapsed_seconds()
            cycle, offset, step, left = cooling.at(done, running.fraction(done))
            if cycle != islands.cycle:
                islands.reheat(cycle)
            until_exchange = islands.exchange_iterations - done % islands.exchange_iterations
            count = min(islands.chunk, left, until_exchange)
            jobs = [
                pool.submit(anneal, islands.data, state, islands.settings, count, offset, step)
                for state in islands.states
            ]
            for job in jobs:
                job.result()
            if len(islands.states) > 1 and count == until_exchange:
                islands.exchange()
            islands.note()
            seconds = running.elapsed_seconds() - looked
            _adapt(islands, seconds)
            if running.budget.seconds and seconds > 0:
                cooling.learn(count, seconds, running.budget.seconds)
            if observer is not None:
                observer(running.fraction(islands.iterations()), int(islands.best().totals[BEST]))


def _adapt(islands: _Islands, seconds: float) -> None:
    """Choose the next chunk so that a look comes about every tenth of a second."""
    if seconds < SHORT_LOOK_SECONDS:
        islands.chunk *= 2
    elif seconds > LONG_LOOK_SECONDS:
        islands.chunk = max(1, islands.chunk // 2)


def settings_of(given: RoutingInput, params: SearchParams) -> Settings:
    """The kernels' numbers; temperatures follow the price of a mean leg where they are not given."""
    mean_leg = max(1.0, float(given.matrices[0].mean())) if given.matrices.size else 1.0
    price = mean_leg * max(1, given.travel_weight)
    hot_legs, cold_legs = _temperatures(given)
    hot = params.temperature_start if params.temperature_start is not None else hot_legs * price
    cold = params.temperature_end if params.temperature_end is not None else cold_legs * price
    return Settings(
        hot=float(hot),
        cold=float(min(cold, hot)),
        mean_removed=float(params.mean_removed),
        longest_string=int(params.longest_string),
        blink=float(params.blink),
        most_absent=int(params.most_absent),
        pairs_first=float(params.pairs_first),
        detour_seconds=DETOUR * mean_leg,
        pair_ruin=float(params.pair_ruin),
        whole_groups=float(params.whole_groups),
        one_day=float(params.one_day),
        string_share=float(params.string_share),
    )


def _temperatures(given: RoutingInput) -> tuple[float, float]:
    """First and last temperature in mean legs."""
    if given.timing is Timing.EXACT and extras_of(given) is not None:
        return EXTRAS_HOT, EXTRAS_COLD
    is_late_priced = given.timing is Timing.EXACT and given.late_weight > 0
    is_soft = (given.windows[given.depots :, :, :, 2] > given.windows[given.depots :, :, :, 1]).any()
    return (EXACT_HOT, EXACT_COLD) if is_late_priced and is_soft else (HOT, COLD)


def _heat(given: RoutingInput, absent: int) -> float:
    """How many times hotter than an easy week a crowded one begins."""
    share = absent / max(1, given.nodes - given.depots)
    return 1.0 + (CROWDED_HOT / HOT - 1.0) * min(1.0, share / CROWDED_SHARE)


def drop_stale_kernels() -> None:
    """Delete compiled kernels on disk that are older than a source of theirs; later ones are made by `warm`."""
    sources = [path for path in Path(__file__).parent.glob("*.py") if path.stem not in PLAIN]
    drop_stale(anneal.stats.cache_path, STEMS, sources)


PLAIN = {"__init__", "__main__", "again", "cooling", "duties", "patterns", "relaxing", "search", "session_start"}
PLAIN |= {"translate", "warm"}
"""Modules of this package that no kernel depends on."""
STEMS = ("anneal", "answer", "exact_insertion", "exact_refusals", "insertion", "load", "refusals", "refusals_together")
assert MOST_STOPS < 256  # a position fits in a byte of the cache's stamp
