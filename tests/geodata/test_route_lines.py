"""A crew's way begins and ends at its base, passes every stop, and follows the roads where there are any."""

import numpy as np

from geodata import GreatCircle, Mode, UnreachableError
from geodata.engines import Route
from geodata.plot import route_line

BASE, NEAR, FAR = (36.70, 118.90), (36.71, 118.91), (36.75, 118.95)


class Nowhere(GreatCircle):
    """An engine without roads."""

    def route(self, origin: tuple[float, float], destination: tuple[float, float], mode: Mode) -> Route:
        raise UnreachableError([("a", "b")], mode=mode)


def test_the_way_goes_from_the_base_through_all_stops_and_back() -> None:
    line = route_line("A", BASE, [NEAR, FAR], GreatCircle(), Mode.CAR)
    way = list(zip(line.latitude.tolist(), line.longitude.tolist(), strict=True))
    assert (way[0], way[-1]) == (BASE, BASE)
    assert way.index(NEAR) < way.index(FAR)
    assert list(zip(line.stop_latitude, line.stop_longitude, strict=True)) == [NEAR, FAR]


def test_where_there_is_no_road_the_way_is_straight() -> None:
    line = route_line("A", BASE, [NEAR], Nowhere(), Mode.CAR)
    assert set(zip(line.latitude.tolist(), line.longitude.tolist(), strict=True)) == {BASE, NEAR}


def test_a_crew_that_stays_at_its_base_is_a_point() -> None:
    line = route_line("A", BASE, [BASE], GreatCircle(), Mode.CAR)
    assert (line.latitude.tolist(), line.longitude.tolist()) == ([BASE[0]], [BASE[1]])
    assert np.shape(route_line("A", BASE, [], GreatCircle(), Mode.CAR).stop_latitude) == (0,)
