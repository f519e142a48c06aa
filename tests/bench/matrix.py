"""Travel matrices on the demo county: reading, building, 200 to 3000 places by every engine, and memory.

usage: python -m tests.bench matrix [--roads FILE.osm.pbf] [--sizes 200 1000 3000] [--rounds 5]

Warm figures are the fastest of some rounds; the targets are 2 s for reading and building, 0.25 s for 1000 x 1000 and
1.5 s for 3000 x 3000 including snapping, and 400 MB, on two cores.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from geodata.engines import ContractionHierarchies, Dijkstra, Engine, GreatCircle
from geodata.matrix import Points, travel_matrix
from geodata.modes import Mode
from geodata.roads import RoadGraph, read_roads

TARGET_SECONDS = {1000: 0.25, 3000: 1.5}
BUILD_TARGET_SECONDS = 2.0
TARGET_MEGABYTES = 400.0
REFERENCE_PLACES = 300  # the reference search is too slow for more
REACH_METRES = 20_000.0
Answer = TypeVar("Answer")


def main(argv: list[str]) -> int:
    """Print the figures; 1 when a target was missed."""
    options = _options(argv)
    with tempfile.TemporaryDirectory() as folder:
        path = options.roads or _demo_roads(Path(folder) / "county.osm.pbf")
        graph, read_seconds = _timed(lambda: read_roads(path))
    engine = ContractionHierarchies(graph)
    one = _places(graph, 2)
    _, build_seconds = _timed(lambda: travel_matrix(one, engine, Mode.CAR, max_access_metres=REACH_METRES))
    _, next_seconds = _timed(lambda: travel_matrix(one, engine, Mode.EBIKE, max_access_metres=REACH_METRES))
    kilometres = graph.length_metres.sum() / 2000
    print(f"{graph.node_count} nodes, {graph.edge_count // 2} stretches of road, {kilometres:.0f} km")
    missed = [_report("read + build, car", read_seconds + build_seconds, BUILD_TARGET_SECONDS)]
    print(f"  of it reading {read_seconds:.2f} s; every further mode {next_seconds:.2f} s")
    for size in options.sizes:
        seconds = _warm_seconds(_places(graph, size), engine, options.rounds)
        missed.append(_report(f"{size} x {size}, {engine.name}", seconds, TARGET_SECONDS.get(size)))
    missed.append(_report_memory())
    for other in (Dijkstra(graph), GreatCircle()):
        seconds = _warm_seconds(_places(graph, REFERENCE_PLACES), other, 1)
        _report(f"{REFERENCE_PLACES} x {REFERENCE_PLACES}, {other.name}", seconds, None)
    return int(any(missed))


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench matrix")
    parser.add_argument("--roads", type=Path, help="a road file instead of the demo county")
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1000, 3000])
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args(argv)


def _demo_roads(path: Path) -> Path:
    """Made by another process, so that its memory does not count here."""
    maker = multiprocessing.get_context("spawn").Process(target=_write_demo_roads, args=(path,))
    maker.start()
    maker.join()
    return path


def _write_demo_roads(path: Path) -> None:
    from geodata.demo_county import demo_county

    demo_county(seed=1).write_roads(path)


def _places(graph: RoadGraph, count: int) -> Points:
    """Homes some metres from random nodes."""
    rng = np.random.default_rng(1)
    node = rng.integers(0, graph.node_count, count)
    latitude = graph.node_latitude[node] + rng.normal(0.0, 0.0003, count)
    longitude = graph.node_longitude[node] + rng.normal(0.0, 0.0003, count)
    return Points(tuple(map(str, range(count))), latitude, longitude)


def _warm_seconds(places: Points, engine: Engine, rounds: int) -> float:
    def run() -> None:
        travel_matrix(places, engine, Mode.CAR, max_access_metres=REACH_METRES)

    if rounds > 1:
        run()
    return min(_timed(run)[1] for _ in range(rounds))


def _timed(work: Callable[[], Answer]) -> tuple[Answer, float]:
    start = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - start


def _report(what: str, seconds: float, target_seconds: float | None) -> bool:
    is_missed = target_seconds is not None and seconds > target_seconds
    target = "" if target_seconds is None else f"  (target {target_seconds} s{', MISSED' if is_missed else ''})"
    print(f"{what:42} {seconds:7.3f} s{target}")
    return is_missed


def _report_memory() -> bool:
    """The most memory that this process has held so far; Linux counts kilobytes, macOS bytes."""
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024.0**2 if sys.platform == "darwin" else 1024.0)
    is_missed = megabytes > TARGET_MEGABYTES
    print(
        f"{'memory, whole process':42} {megabytes:7.0f} MB  (target {TARGET_MEGABYTES:.0f} MB{', MISSED' * is_missed})"
    )
    return is_missed
