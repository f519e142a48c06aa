"""The invented road network: roads between settlements, lanes inside them, classes, bends.

Plane geometry in metres. Villages are joined by a relative-neighbourhood graph (Toussaint, 1980) with a few more edges
of the Gabriel graph (Gabriel and Sokal, 1969): nearly all roads that a plain has, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay, cKDTree

from geodata.coordinates import BoolArray, FloatArray
from geodata.demo_county.settlements import IntArray, Layout

ROAD_CLASSES = ("primary", "secondary", "tertiary", "unclassified", "residential")
"""OpenStreetMap values of `highway`: national and provincial, county, township, village road, lane."""
PRIMARY, SECONDARY, TERTIARY, UNCLASSIFIED, RESIDENTIAL = range(5)

GABRIEL_SHARE = 0.10  # of the Gabriel edges that the relative neighbourhood leaves out; more makes trips straighter
BEND = 0.16  # deviation at the middle of a village road, as a share of its length; halves every level
_BEND_LEVELS = 3
_HOMES_PER_JUNCTION = 13.3
_PEOPLE_PER_HOME = 2.5
_LANE_METRES = (48.0, 70.0)  # across and along the rows of courtyards
_CROSS_LANE_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class PlaneNetwork:
    """Roads in the plane: xy_metres[k, 2], way_offsets[w + 1] into way_nodes, way_class[w] (into ROAD_CLASSES).

    The first n points are the middles of the n settlements; lane_settlement[w] is the settlement of a lane, else -1.
    """

    xy_metres: FloatArray
    way_offsets: IntArray
    way_nodes: IntArray
    way_class: npt.NDArray[np.int8]
    lane_settlement: IntArray


def make_network(layout: Layout, rng: np.random.Generator) -> PlaneNetwork:
    """The road network of a layout: one way between two junctions each, in one piece."""
    xy = layout.xy_metres
    edges = road_edges(xy, rng)
    classes = _classify(layout, edges)
    bends = _bend(xy[edges[:, 0]], xy[edges[:, 1]], np.where(classes <= SECONDARY, 0.6, 1.0) * BEND, rng)
    lane_points, lanes, lane_settlement = _all_lanes(layout, rng)
    inner = bends[:, 1:-1]
    first_shape = len(xy) + len(lane_points)
    shape_ids = first_shape + np.arange(inner.shape[0] * inner.shape[1]).reshape(inner.shape[:2])
    roads = np.column_stack([edges[:, 0], shape_ids, edges[:, 1]])
    return PlaneNetwork(
        np.vstack([xy, lane_points, inner.reshape(-1, 2)]),
        np.r_[0, np.cumsum(np.r_[np.full(len(roads), roads.shape[1]), np.full(len(lanes), 2)])],
        np.r_[roads.ravel(), lanes.ravel()],
        np.r_[classes, np.full(len(lanes), RESIDENTIAL)].astype(np.int8),
        np.r_[np.full(len(roads), -1), lane_settlement],
    )


def road_edges(xy: FloatArray, rng: np.random.Generator) -> IntArray:
    """Pairs of settlements joined by a road, shape (m, 2), smaller index first; always in one piece."""
    edges, gabriel, relative = _neighbours(xy)
    return edges[relative | (gabriel & (rng.random(len(edges)) < GABRIEL_SHARE))]


def _neighbours(xy: FloatArray) -> tuple[IntArray, BoolArray, BoolArray]:
    """Delaunay edges (m, 2) and which of them are in the Gabriel and in the relative-neighbourhood graph."""
    if len(xy) < 4:
        edges = np.array([(a, b) for a in range(len(xy)) for b in range(a + 1, len(xy))], dtype=np.int64)
        edges = edges.reshape(-1, 2)
        return edges, np.ones(len(edges), bool), np.ones(len(edges), bool)
    triangles = Delaunay(xy).simplices
    sides = np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    edges = np.unique(np.sort(sides.astype(np.int64), axis=1), axis=0)
    a, b = xy[edges[:, 0]], xy[edges[:, 1]]
    length = np.linalg.norm(a - b, axis=1)
    tree = cKDTree(xy)
    near_middle, _ = tree.query((a + b) / 2)
    gabriel = near_middle >= length / 2 * (1 - 1e-9)
    # a point in the lune of an edge is among the nearest of its first end: 24 are enough on spaced points
    _, around = tree.query(a, k=min(24, len(xy)))
    to_a = np.linalg.norm(xy[around] - a[:, None], axis=2)
    to_b = np.linalg.norm(xy[around] - b[:, None], axis=2)
    own = (around == edges[:, :1]) | (around == edges[:, 1:])
    in_lune = (np.maximum(to_a, to_b) < length[:, None] * (1 - 1e-9)) & ~own
    return edges, gabriel, gabriel & ~in_lune.any(axis=1)


def _classify(layout: Layout, edges: IntArray) -> IntArray:
    """Road classes: corridors across the county, roads between towns, each third village to its town, the rest."""
    xy, seats = layout.xy_metres, layout.town_seat
    classes = np.full(len(edges), UNCLASSIFIED, dtype=np.int64)
    number = {(int(a), int(b)): i for i, (a, b) in enumerate(edges)}
    length = np.linalg.norm(xy[edges[:, 0]] - xy[edges[:, 1]], axis=1)
    graph = csr_array((np.r_[length, length], (edges.T.ravel(), edges[:, ::-1].T.ravel())), shape=(len(xy),) * 2)

    def promote(sources: IntArray, targets: IntArray, road_class: int) -> None:
        _, before = dijkstra(graph, indices=sources, return_predecessors=True)
        for row, target in zip(before, targets, strict=True):
            here = int(target)
            while row[here] >= 0:
                there = int(row[here])
                edge = number[(min(here, there), max(here, there))]
                classes[edge] = min(classes[edge], road_class)
                here = there

    third = np.arange(0, len(xy), 3)
    promote(seats[layout.town[third]], third, TERTIARY)
    town_pairs, town_gabriel, _ = _neighbours(xy[seats])
    joined = town_pairs[town_gabriel]
    promote(seats[joined[:, 0]], seats[joined[:, 1]], SECONDARY)
    low, size = xy.min(axis=0), np.ptp(xy, axis=0)
    corridors = np.array([[(0, 0.55), (1, 0.66)], [(0.5, 0), (0.6, 1)], [(0, 0.15), (1, 0.3)]])
    _, ends = cKDTree(xy).query(low + corridors * size)
    promote(ends[:, 0], ends[:, 1], PRIMARY)
    return classes


def _bend(start: FloatArray, end: FloatArray, share: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Bent lines between points by midpoint displacement, shape (m, 2**levels + 1, 2)."""
    lines = np.stack([start, end], axis=1)
    for level in range(_BEND_LEVELS):
        step = lines[:, 1:] - lines[:, :-1]
        side = np.stack([-step[..., 1], step[..., 0]], axis=-1)
        amount = rng.normal(0.0, 1.0, step.shape[:2]) * (share / (1 + 0.6 * level))[:, None]
        middle = (lines[:, 1:] + lines[:, :-1]) / 2 + side * np.clip(amount, -0.45, 0.45)[..., None]
        finer = np.empty((len(lines), 2 * lines.shape[1] - 1, 2))
        finer[:, 0::2], finer[:, 1::2] = lines, middle
        lines = finer
    return lines


def _all_lanes(layout: Layout, rng: np.random.Generator) -> tuple[FloatArray, IntArray, IntArray]:
    """The lanes of all settlements: new points (p, 2), pairs of point numbers (l, 2), settlement of each lane (l)."""
    points, lanes, owners = [], [], []
    used = len(layout.xy_metres)
    for settlement, people in enumerate(layout.people):
        grid, pairs = _lane_grid(int(people), rng)
        # grid point 0 is the middle of the settlement and has its number already
        numbers = np.r_[settlement, used + np.arange(len(grid) - 1)]
        points.append(grid[1:] + layout.xy_metres[settlement])
        lanes.append(numbers[pairs])
        owners.append(np.full(len(pairs), settlement))
        used += len(grid) - 1
    return np.vstack(points), np.vstack(lanes), np.concatenate(owners)


def _lane_grid(people: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """A settlement's grid of lanes round (0, 0), turned a little, some cross lanes missing; the middle comes first."""
    junctions = np.clip(people / _PEOPLE_PER_HOME / _HOMES_PER_JUNCTION, 4.0, 320.0)
    stretch = rng.uniform(0.75, 1.35)
    rows = max(2, round(float(np.sqrt(junctions) * stretch)))
    columns = max(2, round(junctions / rows))
    ids = np.arange(rows * columns).reshape(rows, columns)
    middle = (rows // 2, columns // 2)
    offsets = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), axis=-1) - np.array(middle)
    turn = rng.normal(0.0, 0.09)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    points = (offsets.reshape(-1, 2) * np.array(_LANE_METRES)) @ turned.T
    points += rng.normal(0.0, 3.0, points.shape) * np.any(offsets.reshape(-1, 2), axis=1)[:, None]
    cross = rng.random((rows, columns - 1)) < _CROSS_LANE_SHARE
    cross[middle[0]] = True  # the main lane joins all the others
    along = np.column_stack([ids[:-1].ravel(), ids[1:].ravel()])
    pairs = np.vstack([along, np.column_stack([ids[:, :-1][cross], ids[:, 1:][cross]])])
    order = np.r_[ids[middle], np.delete(ids.ravel(), ids[middle])]
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    return points[order], position[pairs]
