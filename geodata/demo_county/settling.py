"""Putting invented places on real roads: settlements where a road file knows some place, homes along its roads.

Only positions come from the file. Names, people, codes and sites are invented, whatever country the roads are in.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geodata.coordinates import FloatArray, project, to_degrees, to_metres
from geodata.demo_county.county import DemoCounty
from geodata.demo_county.making import FEWEST_PEOPLE, PLOT_METRES
from geodata.demo_county.settlements import (
    PEOPLE_PER_SETTLEMENT,
    PEOPLE_PER_TOWN,
    IntArray,
    group,
    share_out,
)
from geodata.demo_county.tables import (
    Homes,
    county_name,
    household_table,
    make_homes,
    name_places,
    settlement_table,
    site_table,
)
from geodata.demo_county.writing import rounded
from geodata.errors import RoadFileError
from geodata.modes import DEFAULT_SPEEDS, HIGHWAYS, Mode
from geodata.roads import RoadGraph, read_roads

_PLACE_WEIGHT = {"city": 20.0, "town": 10.0, "suburb": 5.0, "village": 3.0, "hamlet": 1.0, "isolated_dwelling": 0.3}
_PLACE_REACH_METRES = 600.0  # a named place farther from any road is not settled
_LIVED_IN = frozenset({"residential", "living_street", "unclassified", "service", "tertiary"})
_METRES_OF_ROAD_PER_HOME = 7.0
_FIRST_RADIUS_METRES = 250.0


@dataclass(frozen=True, slots=True)
class _Streets:
    """Straight pieces of road that a car can reach, in metres: start[k, 2], end[k, 2], and how much people like them.

    node[j, 2] are the junctions on them.
    """

    start: FloatArray
    end: FloatArray
    liking: FloatArray
    node: FloatArray


def settle(road_file: Path, seed: int, people: int) -> DemoCounty:
    """Invented places with so many people on the roads of an .osm.pbf file.

    Settlements stand at the file's place nodes, the large ones first, and at junctions far from these when more are
    needed. Everything stands within reach of the largest network that a car can use. Same file and seed, same places.

    Raises
    ------
    RoadFileError
        When the file gives no road network, or no road a car may use.
    ValueError
        With fewer than 3,000 people.
    """
    if people < FEWEST_PEOPLE:
        raise ValueError(f"an invented county has at least {FEWEST_PEOPLE} people, {people} wanted")
    road_file = Path(road_file)
    graph = read_roads(road_file)
    _, _, crs = project(graph.node_latitude, graph.node_longitude)
    streets = _streets(graph, road_file)
    place_rng, home_rng, name_rng, site_rng = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(4)
    )
    latitude, longitude, weight = _places(road_file)
    xy, weight = _positions(np.column_stack(to_metres(latitude, longitude, crs)), weight, streets, people, place_rng)
    layout = group(xy, share_out(people, weight), _seats(xy, weight, people), place_rng)
    homes = make_homes(layout.people, home_rng)
    hubs = tuple(rounded(part) for part in to_degrees(xy[:, 0], xy[:, 1], crs))
    towns, villages, settlements = name_places(settlement_table(layout, hubs[0], hubs[1], homes), layout, name_rng)
    doors = _doors(homes, xy, streets, home_rng)
    households = household_table(homes, settlements, *map(rounded, to_degrees(doors[:, 0], doors[:, 1], crs)))
    sites = site_table(towns, villages, households, site_rng)
    return DemoCounty(county_name(towns), seed, towns, villages, settlements, households, sites, road_file)


def _streets(graph: RoadGraph, road_file: Path) -> _Streets:
    """The pieces of road in the largest strongly connected network of a car."""
    speeds = DEFAULT_SPEEDS[Mode.CAR]
    usable = np.array([name in speeds for name in HIGHWAYS])[graph.highway] & graph.is_open(Mode.CAR)
    if not usable.any():
        raise RoadFileError(road_file, "roadless")
    tail, head = graph.edge_tail, graph.edge_head
    links = csr_array((np.ones(usable.sum()), (tail[usable], head[usable])), shape=(graph.node_count,) * 2)
    piece = connected_components(links, directed=True, connection="strong")[1]
    main = piece == np.bincount(piece).argmax()
    stretch = np.flatnonzero((usable[0::2] | usable[1::2]) & main[tail[0::2]] & main[head[0::2]])
    x, y, crs = project(graph.node_latitude, graph.node_longitude)
    shape = np.column_stack(to_metres(graph.shape_latitude, graph.shape_longitude, crs))
    counts = np.diff(graph.shape_offset)[stretch] - 1
    before = np.cumsum(counts) - counts
    first = np.repeat(graph.shape_offset[stretch] - before, counts) + np.arange(counts.sum())
    lived_in = np.array([1.0 if name in _LIVED_IN else 0.05 for name in HIGHWAYS])
    liking = np.linalg.norm(shape[first + 1] - shape[first], axis=1)
    liking = liking * np.repeat(lived_in[graph.highway[2 * stretch]], counts)
    return _Streets(shape[first], shape[first + 1], liking, np.column_stack([x, y])[main])


def _places(road_file: Path) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(latitude, longitude, weight) of the file's place nodes."""
    found = osmium.FileProcessor(str(road_file), osmium.osm.NODE).with_filter(osmium.filter.KeyFilter("place"))
    rows = [
        (node.location.lat, node.location.lon, _PLACE_WEIGHT[node.tags["place"]])
        for node in found
        if isinstance(node, osmium.osm.Node) and node.tags["place"] in _PLACE_WEIGHT
    ]
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _positions(
    places: FloatArray, weight: FloatArray, streets: _Streets, people: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """The settlements: road junctions (n, 2) nearest to the named places, else far apart, and their weights."""
    count = min(max(6, round(people / PEOPLE_PER_SETTLEMENT)), len(streets.node))
    tree = cKDTree(streets.node)
    distance, node = tree.query(places) if len(places) else (np.zeros(0), np.zeros(0, np.int64))
    order = np.lexsort([rng.random(len(places)), -weight])
    order = order[distance[order] <= _PLACE_REACH_METRES]
    _, firsts = np.unique(node[order], return_index=True)
    order = order[np.sort(firsts)][:count]
    chosen, weights = node[order].tolist(), weight[order].tolist()
    while len(chosen) < count:
        if chosen:
            far, _ = cKDTree(streets.node[chosen]).query(streets.node)
            chosen.append(int(np.argmax(far * rng.uniform(0.7, 1.0, len(far)))))
        else:
            chosen.append(int(rng.integers(len(streets.node))))
        weights.append(1.0)
    weights_of_all = np.sqrt(np.array(weights)) * rng.lognormal(0.0, 0.35, count)
    return streets.node[chosen], weights_of_all


def _seats(xy: FloatArray, weight: FloatArray, people: int) -> IntArray:
    """Town seats: the heaviest settlement near the middle, then the heaviest far from those before."""
    towns = min(max(1, round(people / PEOPLE_PER_TOWN)), len(xy))
    reach = np.linalg.norm(xy - np.median(xy, axis=0), axis=1)
    seats = [int(np.argmax(weight / (1.0 + (reach / (np.median(reach) + 1.0)) ** 2)))]
    for _ in range(towns - 1):
        far, _ = cKDTree(xy[seats]).query(xy)
        seats.append(int(np.argmax(weight * far)))
    return np.array(seats, dtype=np.int64)


def _doors(homes: Homes, hubs: FloatArray, streets: _Streets, rng: np.random.Generator) -> FloatArray:
    """A door for every household beside a road near the middle of its settlement, shape (h, 2) in metres."""
    tree = cKDTree((streets.start + streets.end) / 2)
    piece = np.empty(len(homes.settlement), dtype=np.int64)
    for settlement, hub in enumerate(hubs):
        here = np.flatnonzero(homes.settlement == settlement)
        near = _pieces_round(tree, hub, streets.liking, wanted_metres=_METRES_OF_ROAD_PER_HOME * len(here))
        share = streets.liking[near] / streets.liking[near].sum()
        piece[here] = rng.choice(near, size=len(here), p=share)
    along = streets.end[piece] - streets.start[piece]
    length = np.maximum(np.linalg.norm(along, axis=1), 1e-6)
    across = np.column_stack([-along[:, 1], along[:, 0]]) / length[:, None]
    distance = rng.uniform(*PLOT_METRES, len(piece)) * rng.choice([-1.0, 1.0], len(piece))
    return np.asarray(streets.start[piece] + along * rng.random((len(piece), 1)) + across * distance[:, None])


def _pieces_round(tree: cKDTree, hub: FloatArray, liking: FloatArray, *, wanted_metres: float) -> IntArray:
    """Pieces of road round a hub, the radius growing until they offer enough metres to live along."""
    radius = _FIRST_RADIUS_METRES
    while True:
        near = np.sort(np.array(tree.query_ball_point(hub, radius), dtype=np.int64))
        enough = len(near) > 0 and liking[near].sum() >= min(wanted_metres, 0.5 * liking.sum())
        if enough or len(near) == len(liking):
            return near
        radius *= 1.3
