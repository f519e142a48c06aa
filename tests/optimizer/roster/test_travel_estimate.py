"""The travel estimate against exact small tours."""

from itertools import pairwise, permutations

import numpy as np

from optimizer.bundle import units_of
from optimizer.roster.week import week_of
from tests.builders import a_problem
from tests.optimizer.roster.townships import Size, a_township


def test_the_estimate_is_within_a_sixth_of_the_shortest_tours_on_average() -> None:
    problem = a_township(3, Size(villages=12, teams=2, due=60, later=0))
    week = week_of(problem, units_of(problem), seed=1)
    travel, base = week.travel, problem.site_number["base"]
    rng = np.random.default_rng(2)
    errors = []
    for _ in range(60):
        centre = travel.places[int(rng.integers(len(travel.places)))]
        some = rng.choice(travel.near(centre)[:8], int(rng.integers(1, 5)), replace=False).tolist()
        out = {place: travel.round_trip(base, place) / 2 for place in some}
        tours = [
            out[order[0]] + out[order[-1]] + sum(travel.between_seconds(a, b) for a, b in pairwise(order))
            for order in permutations(some)
        ]
        guess = max(travel.radial_seconds(base, place) for place in some)
        guess += sum(travel.detour_seconds(place) for place in some)
        errors.append(abs(guess - min(tours)) / min(tours))
    assert np.mean(errors) < 1 / 6


def test_two_places_on_a_road_are_not_fitted_but_have_their_times() -> None:
    problem = a_problem()
    travel = week_of(problem, units_of(problem), seed=1).travel
    base, v1, v2 = (problem.site_number[name] for name in ("base", "v1", "v2"))
    assert travel.between_seconds(v1, v2) == 600
    assert travel.round_trip(base, v2) == 2400
    assert travel.near(v1) == (v1, v2)
