"""Small road networks for tests: as .osm.pbf files, and as graphs made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import osmium

from geodata.modes import HIGHWAYS, Mode
from geodata.roads import RoadGraph, read_roads

LATITUDE, LONGITUDE = 36.7, 118.9
METRES_PER_DEGREE = 111_195.0
EVERY_MODE = sum(mode.bit for mode in Mode)

Way = tuple[Sequence[int], Mapping[str, str]]
"""Node refs and tags."""


def place(east_metres: float, north_metres: float) -> tuple[float, float]:
    """(latitude, longitude) of a spot given in metres from a corner in the plain."""
    shrink = np.cos(np.radians(LATITUDE))
    return LATITUDE + north_metres / METRES_PER_DEGREE, LONGITUDE + east_metres / METRES_PER_DEGREE / float(shrink)


def write_roads(path: Path, spots: Mapping[int, tuple[float, float]], ways: Sequence[Way]) -> Path:
    """An .osm.pbf file of nodes at (east, north) metres and ways."""
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for ref, spot in spots.items():
            latitude, longitude = place(*spot)
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=(longitude, latitude), version=1))
        for number, (refs, tags) in enumerate(ways, start=1):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=list(refs), tags=dict(tags), version=1))
    return path


def roads(folder: Path, spots: Mapping[int, tuple[float, float]], ways: Sequence[Way]) -> RoadGraph:
    """The graph that is read back from such a file."""
    return read_roads(write_roads(folder / "roads.osm.pbf", spots, ways))


def write_grid(path: Path, *, size: int, seed: int, spacing_metres: float = 180.0, jitter: float = 0.25) -> Path:
    """A grid of size x size crossings, roads of mixed classes, a tenth of them missing and a tenth one-way.

    Without jitter many ways are equally long, which is what ties need.
    """
    rng = np.random.default_rng(seed)
    shift = rng.normal(0.0, jitter * spacing_metres, (size, size, 2))
    spots = {
        1 + row * size + column: (
            column * spacing_metres + float(shift[row, column, 0]),
            row * spacing_metres + float(shift[row, column, 1]),
        )
        for row in range(size)
        for column in range(size)
    }
    across = [(1 + row * size + column, 2 + row * size + column) for row in range(size) for column in range(size - 1)]
    up = [(1 + row * size + column, 1 + (row + 1) * size + column) for row in range(size - 1) for column in range(size)]
    classes = ("primary", "tertiary", "unclassified", "residential", "footway")
    ways: list[Way] = []
    for pair in across + up:
        if rng.random() < 0.1:
            continue
        tags = {"highway": classes[rng.choice(5, p=(0.1, 0.2, 0.3, 0.35, 0.05))]}
        if rng.random() < 0.1:
            tags["oneway"] = "yes"
        ways.append((pair, tags))
    return write_roads(path, spots, ways)


def graph_of(
    nodes: Sequence[tuple[float, float]], stretches: Sequence[tuple[int, int, float, str]], *, one_way: bool = False
) -> RoadGraph:
    """A graph by hand: nodes at (east, north) metres; stretches (tail, head, length in metres, road class)."""
    places = np.array([place(*spot) for spot in nodes])
    ends = np.array([[tail, head, head, tail] for tail, head, _, _ in stretches]).reshape(-1, 2)
    code = np.repeat([HIGHWAYS.index(name) for _, _, _, name in stretches], 2).astype(np.uint8)
    modes = np.tile([EVERY_MODE, 0 if one_way else EVERY_MODE], len(stretches)).astype(np.uint8)
    shape = ends[::2].ravel()
    return RoadGraph(
        node_latitude=places[:, 0].copy(),
        node_longitude=places[:, 1].copy(),
        edge_tail=ends[:, 0].astype(np.int32),
        edge_head=ends[:, 1].astype(np.int32),
        length_metres=np.repeat([length for _, _, length, _ in stretches], 2).astype(np.float64),
        highway=code,
        modes=modes,
        shape_latitude=places[shape, 0],
        shape_longitude=places[shape, 1],
        shape_offset=np.arange(0, len(shape) + 1, 2),
    )


def scattered(graph: RoadGraph, count: int, seed: int, spread_metres: float = 60.0) -> tuple[np.ndarray, np.ndarray]:
    """(latitude, longitude) of random points near random nodes."""
    rng = np.random.default_rng(seed)
    node = rng.integers(0, graph.node_count, count)
    spread = spread_metres / METRES_PER_DEGREE
    return (
        graph.node_latitude[node] + rng.normal(0.0, spread, count),
        graph.node_longitude[node] + rng.normal(0.0, spread, count),
    )
