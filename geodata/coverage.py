"""How well bases cover a county: the nearest base and the minutes to every village, areas within N minutes.

Times are pure travel from the base to the door, without the overhead of a stop. Whether a village beyond 30 minutes
needs another base is not decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from scipy.sparse.csgraph import dijkstra

from geodata.coordinates import FloatArray, project
from geodata.engines.network import ModeNetwork, mode_network
from geodata.engines.protocol import Engine, Snapped
from geodata.engines.snapping import Snapper
from geodata.errors import PlaceTooFarError, UnreachableError
from geodata.matrix import MAX_ACCESS_METRES, STOP_OVERHEAD_SECONDS, Points, TravelMatrix
from geodata.modes import DEFAULT_SPEEDS, WALKING_KMH, Mode, SpeedTable
from geodata.roads import RoadGraph

FAR_MINUTES = 30.0
BANDS_MINUTES = (10.0, 20.0, 30.0)
_EDGE_METRES = 500.0  # how far an area reaches beyond the outermost road
_SIMPLIFY_METRES = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """The nearest base of every place: a table with place_id, base_id, minutes, metres (of the way), in given order."""

    mode: Mode
    table: pd.DataFrame

    def beyond(self, minutes: float = FAR_MINUTES) -> pd.DataFrame:
        """The places farther than so many minutes from every base, the farthest first."""
        far = self.table[self.table["minutes"] > minutes]
        return far.sort_values(["minutes", "place_id"], ascending=[False, True]).reset_index(drop=True)

    def share_within(self, minutes: float, people: Sequence[int] | None = None) -> float:
        """Share of the places (or of their people) within so many minutes of a base; 0 when there are none."""
        weight = np.ones(len(self.table)) if people is None else np.asarray(people, dtype=np.float64)
        inside = (self.table["minutes"] <= minutes).to_numpy()
        return float(weight[inside].sum() / weight.sum()) if weight.sum() else 0.0


def cover(
    places: Points, bases: Points, engine: Engine, mode: Mode = Mode.CAR, *, snow_factor: float = 1.0
) -> Coverage:
    """The nearest base of every place by an engine, from the base's door to the place's.

    Raises
    ------
    PlaceTooFarError
        When places or bases have no road within reach.
    UnreachableError
        When no base has a way to some place.
    ValueError
        Without any base.
    """
    _require_bases(bases)
    start, finish = _snapped(bases, engine, mode), _snapped(places, engine, mode)
    table = engine.table(start, finish, mode)
    walk = WALKING_KMH / 3.6
    seconds = table.seconds + (start.access_metres / walk)[:, None] + (finish.access_metres / walk)[None]
    metres = table.metres + start.access_metres[:, None] + finish.access_metres[None]
    same = (bases.latitude[:, None] == places.latitude) & (bases.longitude[:, None] == places.longitude)
    seconds, metres = np.where(same, 0.0, seconds / snow_factor), np.where(same, 0.0, metres)
    return _nearest(places.ids, bases.ids, seconds, metres, mode)


def cover_from_matrix(
    matrix: TravelMatrix, base_ids: Sequence[str], *, stop_overhead_seconds: int = STOP_OVERHEAD_SECONDS
) -> Coverage:
    """The nearest base of every other place of a matrix; the overhead that the matrix holds is taken off again."""
    if not base_ids:
        raise ValueError("没有任何卫生院 / there is no base")
    position = {name: index for index, name in enumerate(matrix.ids)}
    rows = np.array([position[name] for name in base_ids])
    others = np.array([index for name, index in position.items() if name not in set(base_ids)], dtype=np.int64)
    seconds = matrix.seconds[np.ix_(rows, others)].astype(np.float64)
    metres = matrix.metres[np.ix_(rows, others)].astype(np.float64)
    seconds = np.maximum(seconds - np.where(seconds > 0, stop_overhead_seconds, 0), 0.0)
    return _nearest([matrix.ids[index] for index in others], base_ids, seconds, metres, matrix.mode)


def areas_within(
    graph: RoadGraph,
    bases: Points,
    mode: Mode = Mode.CAR,
    *,
    minutes: Sequence[float] = BANDS_MINUTES,
    speeds: SpeedTable = DEFAULT_SPEEDS,
    snow_factor: float = 1.0,
) -> gpd.GeoDataFrame:
    """The areas within so many minutes of a base: minutes, square_kilometres, geometry (EPSG:4326), smallest first.

    Each holds the smaller ones. Every spot belongs to its nearest road junction (Voronoi cells), so there are no gaps;
    the area ends at the hull of the road network. A time that nothing is within has an empty geometry.
    """
    _require_bases(bases)
    network = mode_network(graph, mode, speeds)
    nodes = np.flatnonzero(network.is_inside)
    node_minutes = minutes_to_nodes(graph, network, bases)[nodes] / snow_factor
    x, y, crs = project(graph.node_latitude[nodes], graph.node_longitude[nodes])
    cells = _cells(x, y)
    wanted = sorted(minutes)
    ring = np.digitize(node_minutes, wanted, right=True)  # as many rings as limits, and the rest
    return _layer(_grown([cells[ring == number] for number in range(len(wanted) + 1)]), wanted, crs)


def minutes_to_nodes(graph: RoadGraph, network: ModeNetwork, bases: Points) -> FloatArray:
    """Minutes from the nearest base's door to every node of the graph; infinite outside the mode's network."""
    snapped = Snapper(graph, network).snap(bases.latitude, bases.longitude)
    _require_near(bases, snapped, network.mode)
    start = snapped.leaving.seconds + snapped.access_metres / (WALKING_KMH / 3.6)
    seconds = np.full(graph.node_count, np.inf)
    matrix = network.matrix(network.time)
    for node, before in zip(snapped.leaving.node, start, strict=True):
        onward = dijkstra(matrix, indices=int(node)) * network.time_unit_seconds
        np.minimum(seconds, onward + before, out=seconds)
    return seconds / 60.0


def _require_bases(bases: Points) -> None:
    if not len(bases):
        raise ValueError("没有任何卫生院 / there is no base")


def _snapped(points: Points, engine: Engine, mode: Mode) -> Snapped:
    snapped = engine.snap(points.latitude, points.longitude, mode)
    _require_near(points, snapped, mode)
    return snapped


def _require_near(points: Points, snapped: Snapped, mode: Mode) -> None:
    far = np.flatnonzero(~(snapped.access_metres <= MAX_ACCESS_METRES))
    if len(far):
        named = [(points.ids[index], float(snapped.access_metres[index])) for index in far]
        raise PlaceTooFarError(named, limit_metres=MAX_ACCESS_METRES, mode=mode)


def _nearest(
    place_ids: Sequence[str], base_ids: Sequence[str], seconds: FloatArray, metres: FloatArray, mode: Mode
) -> Coverage:
    """For each column the row with the fewest seconds; ties go to the base named first."""
    best = np.argmin(seconds, axis=0) if seconds.shape[1] else np.zeros(0, dtype=np.int64)
    columns = np.arange(len(best))
    lost = columns[~np.isfinite(seconds[best, columns])]
    if len(lost):
        raise UnreachableError([(base_ids[best[column]], place_ids[column]) for column in lost], mode=mode)
    table = pd.DataFrame(
        {
            "place_id": list(place_ids),
            "base_id": [base_ids[row] for row in best],
            "minutes": seconds[best, columns] / 60.0,
            "metres": metres[best, columns],
        }
    )
    return Coverage(mode, table)


def _cells(x_metres: FloatArray, y_metres: FloatArray) -> npt.NDArray[np.object_]:
    """The Voronoi cell of every node, cut at the hull of all nodes and a margin."""
    points = shapely.multipoints(np.column_stack([x_metres, y_metres]))
    hull = shapely.buffer(shapely.convex_hull(points), _EDGE_METRES)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=hull, ordered=True))
    outside = ~shapely.contains_properly(hull, cells)
    cells[outside] = shapely.intersection(cells[outside], hull)
    return np.asarray(cells)


def _grown(rings: Sequence[npt.NDArray[np.object_]]) -> list[shapely.Geometry]:
    """Areas from the cells of rings, the innermost first, the last ring left out: each area holds those before it.

    The rings are simplified together, so that their common borders stay common.
    """
    merged = np.array([shapely.coverage_union_all(cells) if len(cells) else shapely.Polygon() for cells in rings])
    having = ~shapely.is_empty(merged)
    merged[having] = shapely.coverage_simplify(merged[having], _SIMPLIFY_METRES)
    return [shapely.union_all(merged[: number + 1]) for number in range(len(rings) - 1)]


def _layer(parts: Sequence[shapely.Geometry], minutes: Sequence[float], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    square_kilometres = [shapely.area(part) / 1e6 for part in parts]
    frame = gpd.GeoDataFrame(
        {"minutes": list(minutes), "square_kilometres": square_kilometres}, geometry=list(parts), crs=crs
    )
    return frame.to_crs(4326)
