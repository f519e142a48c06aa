"""The first and last bit of a journey, within a stretch of road: lines to its ends, and points that share a stretch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from geodata.engines.network import ModeNetwork
from geodata.engines.protocol import Float32Array, FloatArray, Snapped
from geodata.roads import RoadGraph


def shorten_neighbours(
    graph: RoadGraph,
    network: ModeNetwork,
    ends: tuple[Snapped, Snapped],
    table: tuple[Float32Array, Float32Array],
) -> None:
    """Let points on one stretch travel straight along it, where that is faster than by way of its ends (in place)."""
    origins, destinations = ends
    seconds, metres = table
    length, time = graph.length_metres, np.zeros(graph.edge_count)
    time[network.arc] = network.time * network.time_unit_seconds
    at_origin, at_destination = position(graph, origins), position(graph, destinations)
    for stretch, rows, columns in _shared_stretches(origins, destinations):
        step = at_destination[columns][None, :] - at_origin[rows][:, None]
        arc = 2 * stretch + (step < 0)  # against the line: the odd arc
        direct_seconds, direct_metres = np.abs(step) * time[arc], np.abs(step) * length[arc]
        grid = np.ix_(rows, columns)
        is_better = (time[arc] > 0) & (direct_seconds < seconds[grid])
        seconds[grid] = np.where(is_better, direct_seconds, seconds[grid])
        metres[grid] = np.where(is_better, direct_metres, metres[grid])


def position(graph: RoadGraph, points: Snapped) -> FloatArray:
    """Where road points lie along their stretch's line, from 0 to 1."""
    from_node = points.leaving.metres / np.maximum(graph.length_metres[points.edge], 1e-9)
    starts_at_node = graph.edge_tail[points.edge - points.edge % 2] == points.leaving.node
    return np.where(starts_at_node, from_node, 1.0 - from_node)


def _shared_stretches(
    origins: Snapped, destinations: Snapped
) -> Iterator[tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """(stretch, its origins, its destinations) for every stretch that holds both; itself to itself does not count."""
    groups: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, points in enumerate((origins, destinations)):
        for index, stretch in enumerate((points.edge // 2).tolist()):
            groups[stretch][side].append(index)
    is_same = origins is destinations
    for stretch, (rows, columns) in groups.items():
        if rows and columns and not (is_same and len(rows) == 1):
            yield stretch, np.array(rows), np.array(columns)


def is_direct(graph: RoadGraph, ends: Snapped, metres: float) -> bool:
    """Whether a way of this length between two road points is the straight one along the stretch that they share."""
    first, second = position(graph, ends)
    edge = int(ends.edge[0])
    is_shared = edge // 2 == int(ends.edge[1]) // 2
    return is_shared and abs(abs(second - first) * graph.length_metres[edge] - metres) < 0.01


def between(graph: RoadGraph, ends: Snapped) -> tuple[FloatArray, FloatArray]:
    """The line from the first to the second of two road points on the same stretch."""
    arc = int(ends.edge[0]) // 2 * 2
    latitude, longitude = graph.line(arc)
    cut = [points_behind(latitude, longitude, (ends.latitude[k], ends.longitude[k])) for k in (0, 1)]
    first, last = np.argsort(position(graph, ends), kind="stable")
    inner = slice(cut[first], cut[last])
    line = (
        np.r_[ends.latitude[first], latitude[inner], ends.latitude[last]],
        np.r_[ends.longitude[first], longitude[inner], ends.longitude[last]],
    )
    return line if first == 0 else (line[0][::-1], line[1][::-1])


def stub(graph: RoadGraph, ends: Snapped, index: int, node: int) -> tuple[FloatArray, FloatArray]:
    """The line from a road point to a node at an end of its stretch."""
    edge = int(ends.edge[index])
    arc = edge if graph.edge_head[edge] == node else edge ^ 1  # the one of the two arcs that ends at the node
    latitude, longitude = graph.line(arc)
    here = ends.latitude[index], ends.longitude[index]
    behind = points_behind(latitude, longitude, here)
    return np.r_[here[0], latitude[behind:]], np.r_[here[1], longitude[behind:]]


def points_behind(latitude: FloatArray, longitude: FloatArray, here: tuple[float, float]) -> int:
    """Index of the line's first point after the place where `here` lies on it."""
    scale = np.cos(np.radians(here[0]))
    x, y = (longitude - here[1]) * scale, latitude - here[0]
    step_x, step_y = np.diff(x), np.diff(y)
    share = -(x[:-1] * step_x + y[:-1] * step_y) / np.maximum(step_x**2 + step_y**2, 1e-30)
    share = np.clip(share, 0.0, 1.0)
    gap = (x[:-1] + share * step_x) ** 2 + (y[:-1] + share * step_y) ** 2
    return int(gap.argmin()) + 1


def without_repeats(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    keep = np.r_[True, (np.diff(latitude) != 0) | (np.diff(longitude) != 0)]
    if keep.sum() == 1 and len(keep) > 1:
        keep[-1] = True  # a line has two ends, even where they are the same
    return latitude[keep], longitude[keep]
