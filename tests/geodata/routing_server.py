"""A real HTTP server on this machine that answers table and route like OSRM: great circle x 1.3 at 10 m/s."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np

from geodata.coordinates import great_circle_metres
from tests.geodata.builders import METRES_PER_DEGREE


@dataclass
class RoutingServer:
    """What the server does, changeable while it runs, and what it was asked."""

    url: str = ""
    shift_metres: float = 20.0  # its roads lie so far north of every point
    is_cut_off: bool = False
    canned: bytes | None = None
    most_places: int = 0
    profiles: set[str] = field(default_factory=set)

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        """(HTTP status, JSON) for a request path."""
        parts = urlsplit(path)
        _, service, _, profile, where = parts.path.split("/")
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        places = np.array([[float(value) for value in place.split(",")] for place in where.split(";")])
        self.most_places = max(self.most_places, len(places))
        self.profiles.add(profile)
        return self._table(places, query) if service == "table" else self._route(places)

    def _table(self, places: np.ndarray, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        rows = [int(k) for k in query.get("sources", "all").split(";")]
        columns = (
            [int(k) for k in query["destinations"].split(";")] if "destinations" in query else [*range(len(places))]
        )
        longitude, latitude = places.T
        metres = 1.3 * great_circle_metres(
            latitude[rows][:, None], longitude[rows][:, None], latitude[columns], longitude[columns]
        )
        away = (metres > 0) & self.is_cut_off
        table = [
            [None if cut else value for value, cut in zip(*pair, strict=True)]
            for pair in zip(metres, away, strict=True)
        ]
        answer: dict[str, Any] = {
            "code": "Ok",
            "durations": [[None if value is None else value / 10.0 for value in row] for row in table],
            "destinations": [{"location": self._on_road(places[k])} for k in columns],
        }
        if "distance" in query.get("annotations", ""):
            answer["distances"] = table
        return 200, answer

    def _route(self, places: np.ndarray) -> tuple[int, dict[str, Any]]:
        if self.is_cut_off:
            return 400, {"code": "NoRoute", "message": "Impossible route between points"}
        longitude, latitude = places.T
        metres = 1.3 * float(great_circle_metres(latitude[0], longitude[0], latitude[1], longitude[1]))
        line = {"type": "LineString", "coordinates": places.tolist()}
        return 200, {"code": "Ok", "routes": [{"duration": metres / 10.0, "distance": metres, "geometry": line}]}

    def _on_road(self, place: np.ndarray) -> list[float]:
        return [float(place[0]), float(place[1]) + self.shift_metres / METRES_PER_DEGREE]


@contextmanager
def serving() -> Iterator[RoutingServer]:
    """Run the server on a free port of this machine until the block ends."""
    state = RoutingServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, answer = (200, {}) if state.canned is not None else state.answer(self.path)
            body = state.canned if state.canned is not None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # closing waits for the answers under way
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
