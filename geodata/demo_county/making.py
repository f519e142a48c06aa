"""Inventing a county on the plain, and cutting a township out of it.

The place on the globe is arbitrary (about 36.7 north, 118.9 east); nothing there is shown, only invented places.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyproj
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geodata.coordinates import FloatArray, project, to_degrees, to_metres
from geodata.demo_county.county import DemoCounty
from geodata.demo_county.network import PlaneNetwork, make_network
from geodata.demo_county.settlements import IntArray, make_layout
from geodata.demo_county.tables import (
    Homes,
    county_name,
    household_table,
    make_homes,
    name_places,
    settlement_table,
    site_table,
    with_codes,
)
from geodata.demo_county.writing import RoadNetwork, rounded

COUNTY_PEOPLE = 600_000
TOWNSHIP_PEOPLE = 60_000
FEWEST_PEOPLE = 3_000
_CRS = pyproj.CRS.from_epsg(4549)
_MIDDLE = (36.7, 118.9)
PLOT_METRES = (8.0, 20.0)  # from the middle of the lane to the door
_CUT_MARGINS_METRES = (800.0, 2_000.0, 4_000.0, 8_000.0, 1e6)


def demo_county(seed: int, people: int = COUNTY_PEOPLE) -> DemoCounty:
    """An invented county of exactly so many people with towns, villages, homes, sites and roads.

    A town has about 60,000 people, so a small number gives a county of one town. The same seed gives the same county.

    Raises
    ------
    ValueError
        With fewer than 3,000 people.
    """
    if people < FEWEST_PEOPLE:
        raise ValueError(f"an invented county has at least {FEWEST_PEOPLE} people, {people} wanted")
    layout_rng, road_rng, home_rng, name_rng, site_rng = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)
    )
    layout = make_layout(people, layout_rng)
    network = make_network(layout, road_rng)
    homes = make_homes(layout.people, home_rng)
    origin = _origin(network.xy_metres)
    latitude, longitude = _degrees(network.xy_metres, origin)
    count = len(layout.people)
    settlements = settlement_table(layout, latitude[:count], longitude[:count], homes)
    towns, villages, settlements = name_places(settlements, layout, name_rng)
    households = household_table(homes, settlements, *_degrees(_doors(homes, network, home_rng), origin))
    sites = site_table(towns, villages, households, site_rng)
    roads = RoadNetwork(latitude, longitude, network.way_offsets, network.way_nodes, network.way_class)
    return DemoCounty(county_name(towns), seed, towns, villages, settlements, households, sites, roads)


def _origin(xy_metres: FloatArray) -> FloatArray:
    """What to add to the plane so that its middle comes to lie at the county's place on the globe."""
    east, north = to_metres(np.array([_MIDDLE[0]]), np.array([_MIDDLE[1]]), _CRS)
    middle = (xy_metres.min(axis=0) + xy_metres.max(axis=0)) / 2
    return np.asarray(np.array([east[0], north[0]]) - middle)


def _degrees(xy_metres: FloatArray, origin: FloatArray) -> tuple[FloatArray, FloatArray]:
    latitude, longitude = to_degrees(xy_metres[:, 0] + origin[0], xy_metres[:, 1] + origin[1], _CRS)
    return rounded(latitude), rounded(longitude)


def _doors(homes: Homes, network: PlaneNetwork, rng: np.random.Generator) -> FloatArray:
    """A door for every household, somewhere along a lane of its settlement, shape (h, 2) in plane metres."""
    is_lane = network.lane_settlement >= 0
    first = network.way_nodes[network.way_offsets[:-1]][is_lane]
    last = network.way_nodes[network.way_offsets[1:] - 1][is_lane]
    counts = np.bincount(network.lane_settlement[is_lane])  # lanes lie in the order of their settlements
    starts = np.cumsum(counts) - counts
    lane = starts[homes.settlement] + rng.integers(counts[homes.settlement])
    a, b = network.xy_metres[first[lane]], network.xy_metres[last[lane]]
    along = b - a
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.linalg.norm(along, axis=1)[:, None]
    distance = rng.uniform(*PLOT_METRES, len(lane)) * rng.choice([-1.0, 1.0], len(lane))
    return np.asarray(a + along * rng.random((len(lane), 1)) + across * distance[:, None])


def township(county: DemoCounty, people: int = TOWNSHIP_PEOPLE) -> DemoCounty:
    """A township of about so many people cut out of a county, its roads and codes too.

    Of the rural towns the one whose own size fits best gives its seat; the villages round it are taken whole, the
    nearest first, and all belong to that town afterwards.

    Raises
    ------
    ValueError
        When the county has fewer people than wanted, or real roads (invent such a place with the right size at once).
    """
    if not isinstance(county.roads, RoadNetwork):
        raise ValueError("a place on real roads is not cut; settle it with the wanted number of people")
    if people > county.people:
        raise ValueError(f"{county.name} has {county.people} people, a township of {people} cannot be cut out")
    town = _best_town(county, people)
    chosen = _villages_round(county, town, people)
    if len(county.towns) == 1 and len(chosen) == len(county.villages):
        return county
    return _cut(county, town, chosen)


def _best_town(county: DemoCounty, people: int) -> pd.Series:
    """The rural town nearest in size; the first town is the county seat and only taken when it is the only one."""
    rural = county.towns.iloc[1:] if len(county.towns) > 1 else county.towns
    return rural.iloc[int((rural["people"] - people).abs().argmin())]


def _villages_round(county: DemoCounty, town: pd.Series, people: int) -> list[str]:
    """Ids of villages by distance from the town's seat, own villages first, until the people come nearest to wanted."""
    x, y, _ = project(county.villages["latitude"].to_numpy(), county.villages["longitude"].to_numpy())
    seat = int(np.flatnonzero(county.villages["settlement_id"] == town["settlement_id"])[0])
    foreign = (county.villages["town_id"] != town["town_id"]).to_numpy()
    order = np.lexsort([np.hypot(x - x[seat], y - y[seat]), foreign])
    total = np.cumsum(county.villages["people"].to_numpy()[order])
    count = int(np.argmin(np.abs(total - people))) + 1
    return sorted(county.villages["village_id"].to_numpy()[order[:count]].tolist())


def _cut(county: DemoCounty, town: pd.Series, chosen: list[str]) -> DemoCounty:
    def inside(table: pd.DataFrame) -> pd.DataFrame:
        part = table[table["village_id"].isin(chosen)].reset_index(drop=True)
        return part.assign(town_id=town["town_id"])

    hospital_elsewhere = (county.sites["kind"] == "township_hospital") & (county.sites["town_id"] != town["town_id"])
    settlements = inside(county.settlements)
    towns = county.towns[county.towns["town_id"] == town["town_id"]].assign(people=int(settlements["people"].sum()))
    rng = np.random.default_rng([county.seed, len(chosen)])
    return replace(
        county,
        name=str(town["name"]),
        towns=towns.reset_index(drop=True),
        villages=with_codes(inside(county.villages), towns, rng),
        settlements=settlements,
        households=inside(county.households),
        sites=inside(county.sites[~hospital_elsewhere]),
        roads=_cut_roads(county, settlements),
    )


def _cut_roads(county: DemoCounty, settlements: pd.DataFrame) -> RoadNetwork:
    """The roads within a margin round the settlements, widened until all of these are in one piece."""
    roads = county.roads
    assert isinstance(roads, RoadNetwork)  # `township` has checked it
    x, y, crs = project(roads.node_latitude, roads.node_longitude)
    around = shapely.convex_hull(
        shapely.multipoints(
            np.column_stack(to_metres(settlements["latitude"].to_numpy(), settlements["longitude"].to_numpy(), crs))
        )
    )
    ends = roads.way_ends
    rows = county.settlements.index[county.settlements["settlement_id"].isin(settlements["settlement_id"])]
    wanted = rows.to_numpy()  # the middle of settlement s is node s
    inside, piece = np.ones(len(ends), bool), np.zeros(len(x), np.int64)
    for margin_metres in _CUT_MARGINS_METRES:
        inside = shapely.contains_xy(around.buffer(margin_metres), x[ends], y[ends]).all(axis=1)
        piece = _pieces(ends[inside], len(x))
        if len(np.unique(piece[wanted])) == 1:
            break
    return roads.kept(inside & (piece[ends[:, 0]] == piece[wanted[0]]))


def _pieces(ends: IntArray, node_count: int) -> IntArray:
    graph = csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(node_count, node_count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
