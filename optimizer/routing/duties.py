"""Routing of a roster: its duties become routes, what the roster had in mind is the first plan, and back again."""

from collections.abc import Mapping

from optimizer.bundle import Unit
from optimizer.duties import Roster, RoutedDuty, RoutedStop, Routing
from optimizer.problem import Problem
from optimizer.routing.again import routes_before
from optimizer.routing.input import RouteTimes, SearchParams
from optimizer.routing.search import Observer, search
from optimizer.routing.translate import Node, translate
from optimizer.stop import Budget


def route_duties(
    problem: Problem,
    units: tuple[Unit, ...],
    roster: Roster,
    *,
    seed: int,
    budget: Budget,
    observer: Observer | None = None,
    params: SearchParams | None = None,
    prices: Mapping[int, int] | None = None,
    before: Routing | None = None,
) -> Routing:
    """Routes for all duties of a roster; units that are neither expected at a session nor called may be visited.

    So may units with a price, which not visiting them costs. `before` is where to begin: a routing of the same duties.
    """
    if not roster.duties:
        return Routing((), 0)
    taken = {unit for duty in roster.duties for held in duty.sessions for unit in held.attendees}
    taken |= {call.unit for call in roster.calls}
    view = translate(problem, units, roster.duties, frozenset(taken - set(prices or ())), prices)
    initial = view.initial if before is None else routes_before(before, view)
    answer = search(view.given, seed=seed, budget=budget, initial=initial, observer=observer, params=params)
    duties = tuple(
        _routed(tuple(view.nodes[node - view.given.depots] for node in route), times)
        for route, times in zip(answer.routes, answer.times, strict=True)
    )
    return Routing(duties, answer.cost, answer.statistics)


def _routed(nodes: tuple[Node, ...], times: RouteTimes | None) -> RoutedDuty:
    """One route with its times."""
    if times is None:
        return RoutedDuty()
    stops = tuple(
        RoutedStop(node.unit, node.held.session if node.held is not None else -1, arrival, start, end)
        for node, arrival, start, end in zip(nodes, times.arrivals, times.starts, times.ends, strict=True)
    )
    return RoutedDuty(stops, times.leave, times.back, times.lunch_start)
