"""From a point to the nearest road that a mode may use, and along it to the nearer end, or as a one-way demands.

The road is the true line, not its end points; only roads of the mode's largest strongly connected part count, or some
pairs would have no way between them. How far is too far, the matrix decides.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from geodata.coordinates import great_circle_metres
from geodata.engines.network import ModeNetwork
from geodata.engines.protocol import Along, FloatArray, Snapped
from geodata.roads import RoadGraph

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

CORNER_METRES = 15.0
"""Whoever is so near to the end of a one-way road stands at the corner, and may set out either way."""


class Snapper:
    """Nearest-road search for one mode; safe to share between threads."""

    def __init__(self, graph: RoadGraph, network: ModeNetwork) -> None:
        self._graph = graph
        stretch, first, arcs = np.unique(network.arc // 2, return_index=True, return_counts=True)
        self._is_one_way = arcs == 1
        self._arc = network.arc[first]  # one usable arc per stretch, the forward one where both are
        self._seconds: FloatArray = np.asarray(network.time[first] * network.time_unit_seconds, dtype=np.float64)
        self._lines = _lines(graph, stretch)
        self._tree = shapely.STRtree(self._lines)

    def snap(self, latitude: FloatArray, longitude: FloatArray) -> Snapped:
        """The road points next to the given points."""
        points = shapely.points(*_mercator(np.asarray(latitude, float), np.asarray(longitude, float)))
        line = _first_nearest(self._tree, points, len(points))
        share: FloatArray = shapely.line_locate_point(self._lines[line], points, normalized=True)
        foot = shapely.line_interpolate_point(self._lines[line], share, normalized=True)
        foot_latitude, foot_longitude = _degrees(shapely.get_x(foot), shapely.get_y(foot))
        arc = self._arc[line]
        share = np.where(arc % 2 == 1, 1.0 - share, share)  # the line runs along the even arc
        to_head, seconds = share > 0.5, self._seconds[line]
        corner_metres = np.minimum(share, 1.0 - share) * self._graph.length_metres[arc]
        is_one_way = self._is_one_way[line] & (corner_metres > CORNER_METRES)
        return Snapped(
            latitude=foot_latitude,
            longitude=foot_longitude,
            access_metres=great_circle_metres(latitude, longitude, foot_latitude, foot_longitude),
            edge=arc.astype(np.int32),
            leaving=self._along(arc, seconds, share, to_head | is_one_way),
            arriving=self._along(arc, seconds, share, to_head & ~is_one_way),
        )

    def _along(self, arc: Int64Array, seconds: FloatArray, share: FloatArray, to_head: BoolArray) -> Along:
        rest = np.where(to_head, 1.0 - share, share)
        node = np.where(to_head, self._graph.edge_head[arc], self._graph.edge_tail[arc])
        return Along(node.astype(np.int32), rest * self._graph.length_metres[arc], rest * seconds)


def _mercator(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Radians of the spherical Mercator map: true to angles, which is all that a foot of a perpendicular needs."""
    return np.radians(longitude), np.arcsinh(np.tan(np.radians(latitude)))


def _degrees(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.degrees(np.arctan(np.sinh(y))), np.degrees(x)


def _lines(graph: RoadGraph, stretch: Int64Array) -> npt.NDArray[np.object_]:
    """The lines of some stretches on the Mercator map."""
    x, y = _mercator(graph.shape_latitude, graph.shape_longitude)
    sizes = np.diff(graph.shape_offset)
    is_wanted = np.zeros(len(sizes), dtype=bool)
    is_wanted[stretch] = True
    inside = np.repeat(is_wanted, sizes)
    indices = np.repeat(np.arange(len(stretch)), sizes[stretch])
    return np.asarray(shapely.linestrings(np.column_stack([x[inside], y[inside]]), indices=indices))


def _first_nearest(tree: shapely.STRtree, points: npt.NDArray[np.object_], count: int) -> Int64Array:
    """The nearest line of each point; of several equally near the first, whatever the order inside the tree."""
    point, line = tree.query_nearest(points, all_matches=True)
    nearest = np.full(count, len(tree), dtype=np.int64)
    np.minimum.at(nearest, point, line)
    return nearest
