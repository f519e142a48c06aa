"""A road network in degrees, and its file: OpenStreetMap's .osm.pbf, so that every engine and user's tool reads it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import osmium

from geodata.coordinates import FloatArray
from geodata.demo_county.network import ROAD_CLASSES, SECONDARY

IntArray = npt.NDArray[np.int64]
_OSM_DIGITS = 7  # the format stores ten-millionths of a degree


@dataclass(frozen=True, slots=True, eq=False)
class RoadNetwork:
    """Ways over points: way w runs along way_nodes[way_offsets[w]:way_offsets[w + 1]]; way_class indexes ROAD_CLASSES.

    Ways meet only at their ends. All arrays are read-only.
    """

    node_latitude: FloatArray
    node_longitude: FloatArray
    way_offsets: IntArray
    way_nodes: IntArray
    way_class: npt.NDArray[np.int8]

    def __post_init__(self) -> None:
        for array in (self.node_latitude, self.node_longitude, self.way_offsets, self.way_nodes, self.way_class):
            array.flags.writeable = False

    @property
    def way_ends(self) -> IntArray:
        """First and last node of each way, shape (w, 2)."""
        return np.column_stack([self.way_nodes[self.way_offsets[:-1]], self.way_nodes[self.way_offsets[1:] - 1]])

    def kept(self, ways: npt.NDArray[np.bool_]) -> RoadNetwork:
        """The network of the chosen ways only, its nodes renumbered in their old order."""
        counts = np.diff(self.way_offsets)
        nodes = self.way_nodes[np.repeat(ways, counts)]
        used, renumbered = np.unique(nodes, return_inverse=True)
        return RoadNetwork(
            self.node_latitude[used],
            self.node_longitude[used],
            np.r_[0, np.cumsum(counts[ways])],
            renumbered.reshape(-1).astype(np.int64),
            self.way_class[ways],
        )


def rounded(degrees: FloatArray) -> FloatArray:
    """Degrees as the road file will store them."""
    return np.round(degrees, _OSM_DIGITS)


def write_network(network: RoadNetwork, path: Path) -> None:
    """Write .osm.pbf by way of a temporary file beside it; the bytes depend on the network alone."""
    path = Path(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.osm.pbf")
    try:
        with osmium.SimpleWriter(str(draft), overwrite=True) as writer:
            _write(network, writer)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _write(network: RoadNetwork, writer: osmium.SimpleWriter) -> None:
    places = zip(network.node_longitude.tolist(), network.node_latitude.tolist(), strict=True)
    for number, place in enumerate(places, start=1):
        writer.add_node(osmium.osm.mutable.Node(id=number, version=1, location=place))
    refs = (network.way_nodes + 1).tolist()
    offsets = network.way_offsets.tolist()
    for number, road_class in enumerate(network.way_class.tolist(), start=1):
        tags = {
            "highway": ROAD_CLASSES[road_class],
            "surface": "asphalt" if road_class <= SECONDARY else "concrete",
        }
        nodes = refs[offsets[number - 1] : offsets[number]]
        writer.add_way(osmium.osm.mutable.Way(id=number, version=1, nodes=nodes, tags=tags))
