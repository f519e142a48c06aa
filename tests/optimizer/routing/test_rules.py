"""Each rule of a route in the smallest case that shows it."""

from optimizer.routing import RoutingInput, RoutingOutput, search
from optimizer.routing.arrays import data_of
from optimizer.stop import Budget
from tests.optimizer.routing.weeks import HOUR, road_day


def run(given: RoutingInput) -> RoutingOutput:
    """A search long enough for a handful of visits."""
    return search(given, seed=1, budget=Budget(iterations=200))


def with_lunch(given: RoutingInput) -> RoutingInput:
    """Lunch of an hour that begins between 11:30 and 13:00."""
    given.lunch_seconds[:] = HOUR
    given.lunch_earliest[:], given.lunch_latest[:] = 11 * HOUR + 1800, 13 * HOUR
    return given


def test_a_route_that_is_back_before_lunch_is_due_takes_none() -> None:
    times = run(with_lunch(road_day([30]))).times[0]
    assert times is not None
    assert times.lunch_start is None


def test_a_long_route_takes_lunch_between_two_stops() -> None:
    given = with_lunch(road_day([10, 20], service_minutes=180))
    times = run(given).times[0]
    assert times is not None
    assert times.lunch_start is not None
    assert times.ends[0] <= times.lunch_start
    assert times.lunch_start + HOUR <= times.starts[1]


def test_a_stop_longer_than_the_lunch_period_allows_is_left() -> None:
    given = with_lunch(road_day([10], service_minutes=420))
    given.windows[1, 0, 0] = (9 * HOUR, 9 * HOUR, 9 * HOUR)
    assert run(given).absent == (1,)


def test_overtime_is_paid_up_to_the_hard_end_only() -> None:
    given = road_day([30], service_minutes=120)
    given.soft_end[:], given.hard_end[:] = 10 * HOUR, 11 * HOUR
    assert run(given).cost == 2 * 1800 + 2 * HOUR
    given.hard_end[:] = 11 * HOUR - 1
    assert run(given).absent == (1,)


def test_a_start_waits_for_the_next_window_of_the_day() -> None:
    given = road_day([30])
    windows = [[8 * HOUR, 8 * HOUR + 600, 8 * HOUR + 600]]
    given.windows[1, 0, 0] = windows[0]
    assert run(given).absent == (1,)
    given.windows[1, 0, 0] = (10 * HOUR, 11 * HOUR, 11 * HOUR)
    answer = run(given)
    assert answer.times[0] is not None
    assert answer.times[0].starts == (10 * HOUR,)
    assert answer.times[0].leave == 9 * HOUR + 1800


def test_a_soft_end_costs_its_seconds() -> None:
    given = road_day([30])
    given.windows[1, 0, 0] = (8 * HOUR, 8 * HOUR, 9 * HOUR)
    assert run(given).cost == 2 * 1800 + 2 * 1800


def test_waiting_between_stops_costs_only_when_it_has_a_price() -> None:
    given = road_day([10, 10])
    given.windows[1, 0, 0] = (9 * HOUR, 9 * HOUR, 9 * HOUR)
    given.windows[2, 0, 0] = (10 * HOUR, 10 * HOUR, 10 * HOUR)
    assert run(given).cost == 1200
    object.__setattr__(given, "waiting_weight", 1)
    assert run(given).cost == 1200 + 50 * 60


def test_infectious_comes_last() -> None:
    given = road_day([5, 10, 15])
    given.rank[2] = 1
    route = run(given).routes[0]
    assert sorted(route) == [1, 2, 3]
    assert route[-1] == 2


def test_the_limit_of_work_counts_travel_and_service() -> None:
    given = road_day([10, 10], service_minutes=60)
    given.work_limit[:] = 20 * 60 + 120 * 60
    assert not run(given).absent
    given.work_limit[:] = 20 * 60 + 120 * 60 - 1
    assert len(run(given).absent) == 1


def shared_by_one_member(limit: int) -> RoutingInput:
    """A morning and an afternoon of one member, one visit of an hour for each."""
    given = road_day([10, 10], routes=2, service_minutes=60)
    given.cost[1], given.cost[2] = [0, -1], [-1, 0]
    object.__setattr__(given, "coupled", given.cost[1:, :1] * 0 + [[1], [0]])
    object.__setattr__(given, "coupled_limit", given.cost[1:, :1] * 0 + limit)
    return given


def test_two_routes_of_one_member_share_the_limit_of_the_day() -> None:
    assert not run(shared_by_one_member(2 * 80 * 60)).absent
    assert len(run(shared_by_one_member(2 * 80 * 60 - 1)).absent) == 1


def test_a_route_is_opened_only_when_it_pays() -> None:
    given = road_day([10], penalty=5_000)
    given.open_cost[:] = 3_801
    assert run(given).absent == (1,)
    given.open_cost[:] = 3_799
    assert run(given).cost == 1200 + 3_799


def test_a_forbidden_route_is_never_used() -> None:
    given = road_day([10, 20, 30], routes=2)
    given.cost[1:, 0] = -1
    answer = run(given)
    assert answer.routes[0] == ()
    assert len(answer.routes[1]) == 3


def test_a_joint_visit_needs_two_teams() -> None:
    given = road_day([10, 10], routes=2)
    given.partner[1], given.partner[2] = 2, 1
    assert run(given).absent == (1, 2)
    given.team[:] = [0, 1]
    answer = run(given)
    assert not answer.absent
    assert answer.times[0] is not None
    assert answer.times[1] is not None
    assert answer.times[0].starts == answer.times[1].starts


def test_the_later_crew_sets_the_start_of_a_joint_visit() -> None:
    given = road_day([10, 10], routes=2)
    given.partner[1], given.partner[2] = 2, 1
    given.team[:] = [0, 1]
    given.span_start[1] = 11 * HOUR
    answer = run(given)
    assert answer.times[0] is not None
    assert answer.times[0].starts == (11 * HOUR + 600,)
    assert answer.times[0].leave == 11 * HOUR


def test_a_visit_is_not_driven_in_snow_time_on_a_dry_route() -> None:
    given = road_day([10], routes=2)
    object.__setattr__(given, "matrices", given.matrices.repeat(2, axis=0) * [[[1]], [[2]]])
    given.matrix[:] = [1, 0]
    answer = run(given)
    assert answer.routes == ((), (1,))
    assert answer.cost == 1200


def test_a_route_carries_no_more_than_its_capacity() -> None:
    given = road_day([10, 20, 30])
    given.load[1:] = [2, 2, 1]
    given.capacity[:] = 5
    assert run(given).absent == ()
    given.capacity[:] = 4
    assert len(run(given).absent) == 1


def test_a_second_vehicle_carries_what_the_first_cannot() -> None:
    given = road_day([10, 20, 30], routes=2)
    given.load[1:] = 2
    given.capacity[:] = 4
    answer = run(given)
    assert answer.absent == ()
    assert sorted(len(route) for route in answer.routes) == [1, 2]


def test_a_route_may_have_a_hundred_stops() -> None:
    given = road_day(list(range(1, 101)), service_minutes=1)
    answer = run(given)
    assert answer.absent == ()
    assert len(answer.routes[0]) == 100


def test_equal_routes_without_stops_are_twins_and_others_are_not() -> None:
    given = road_day([10, 20], routes=4)
    given.hard_end[2] += 60
    given.cost[1, 3] = 5
    assert data_of(given).route["twin"].tolist() == [0, 0, 2, 3]
