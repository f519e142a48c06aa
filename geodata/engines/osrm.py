"""A routing server that a county already runs, by the HTTP interface of OSRM (table and route, version 1).

The server's own data and speeds count. Nothing is retried and nothing guessed: a server that is away or answers
something else is an error with what it said.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from geodata.coordinates import great_circle_metres
from geodata.engines.protocol import FloatArray, Route, Snapped, Table
from geodata.errors import ModeError, RoutingServerError, UnreachableError
from geodata.modes import Mode

PROFILES: Mapping[Mode, str] = MappingProxyType({Mode.CAR: "driving", Mode.BICYCLE: "cycling", Mode.FOOT: "walking"})
PLACES_PER_REQUEST = 100  # what osrm-routed accepts unless told otherwise


class OsrmServer:
    """Tables in blocks of half the places that one request may hold, one request after the other."""

    def __init__(
        self,
        base_url: str,
        *,
        profiles: Mapping[Mode, str] = PROFILES,
        data_version: str = "",
        places_per_request: int = PLACES_PER_REQUEST,
        timeout_seconds: float = 30.0,
    ) -> None:
        """`data_version` is whatever names the server's road data: a new one makes stored matrices invalid."""
        if not base_url.startswith(("http://", "https://")):
            raise ValueError(f"服务器地址须以 http:// 或 https:// 开头 / not an http address: {base_url}")
        if places_per_request < 2:
            raise ValueError(
                f"每次请求至少 2 个地点 / places_per_request must be at least 2, found {places_per_request}"
            )
        self._base_url = base_url.rstrip("/")
        self._profiles = profiles
        self._data_version = data_version
        self._block = places_per_request // 2
        self._timeout_seconds = timeout_seconds

    @property
    def name(self) -> str:
        """A short name for reports."""
        return "osrm server"

    def fingerprint(self, mode: Mode) -> str:
        """The server, its profile and the version of its data."""
        return f"{self.name} 1 {self._base_url} {self._profile(mode)} {self._data_version}"

    def snap(self, latitude: FloatArray, longitude: FloatArray, mode: Mode) -> Snapped:
        """Where the server puts the points on its roads."""
        places = np.column_stack([latitude, longitude]).astype(np.float64)
        snapped = np.empty_like(places)
        for start in range(0, len(places), self._block * 2):
            part = places[start : start + self._block * 2]
            answer = self._ask("table", mode, part, {"sources": "0"}, "destinations")
            snapped[start : start + len(part)] = self._locations(answer["destinations"], len(part))
        metres = great_circle_metres(places[:, 0], places[:, 1], snapped[:, 0], snapped[:, 1])
        return Snapped.on_the_spot(snapped[:, 0].copy(), snapped[:, 1].copy(), metres)

    def table(self, origins: Snapped, destinations: Snapped, mode: Mode) -> Table:
        """The server's durations and distances."""
        shape = (len(origins.latitude), len(destinations.latitude))
        table = Table(np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.float32))
        for top in range(0, shape[0], self._block):
            rows = slice(top, min(top + self._block, shape[0]))
            for left in range(0, shape[1], self._block):
                columns = slice(left, min(left + self._block, shape[1]))
                block = self._table_block(origins.part(rows), destinations.part(columns), mode)
                table.seconds[rows, columns], table.metres[rows, columns] = block
        return table

    def route(self, origin: tuple[float, float], destination: tuple[float, float], mode: Mode) -> Route:
        """The server's way, with its full line."""
        query = {"overview": "full", "geometries": "geojson"}
        try:
            answer = self._ask("route", mode, np.array([origin, destination]), query, "routes")
            route = answer["routes"][0]
            line = np.array(route["geometry"]["coordinates"], dtype=np.float64)
            return Route(float(route["duration"]), float(route["distance"]), line[:, 1].copy(), line[:, 0].copy())
        except _NoRouteError as error:
            raise UnreachableError([(str(origin), str(destination))], mode=mode) from error
        except (LookupError, TypeError, ValueError) as error:
            raise self._nonsense(f"route: {error!r}") from error

    def _profile(self, mode: Mode) -> str:
        if mode not in self._profiles:
            raise ModeError(f"服务器没有 {mode} 的配置 / no profile of the server is given for {mode}")
        return self._profiles[mode]

    def _table_block(self, origins: Snapped, destinations: Snapped, mode: Mode) -> tuple[FloatArray, FloatArray]:
        count, total = len(origins.latitude), len(origins.latitude) + len(destinations.latitude)
        places = np.column_stack(
            [np.r_[origins.latitude, destinations.latitude], np.r_[origins.longitude, destinations.longitude]]
        )
        query = {
            "sources": ";".join(map(str, range(count))),
            "destinations": ";".join(map(str, range(count, total))),
            "annotations": "duration,distance",
        }
        answer = self._ask("table", mode, places, query, "durations")
        shape = (count, total - count)
        return self._numbers(answer, "durations", shape), self._numbers(answer, "distances", shape)

    def _numbers(self, answer: Mapping[str, Any], key: str, shape: tuple[int, int]) -> FloatArray:
        """A table of the answer; null, the server's word for no way, becomes infinite."""
        try:
            numbers = np.array(answer[key], dtype=np.float64)
        except (LookupError, TypeError, ValueError) as error:
            raise self._nonsense(f"{key}: {error!r}") from error
        if numbers.shape != shape:
            raise self._nonsense(f"{key}: expected {shape}, found {numbers.shape}")
        return np.where(np.isnan(numbers), np.inf, numbers)

    def _locations(self, waypoints: Sequence[Mapping[str, Any]], count: int) -> FloatArray:
        try:
            places = np.array([waypoint["location"][::-1] for waypoint in waypoints], dtype=np.float64)
        except (LookupError, TypeError, ValueError) as error:
            raise self._nonsense(f"location: {error!r}") from error
        if places.shape != (count, 2):
            raise self._nonsense(f"location: expected {count}, found {len(places)}")
        return places

    def _ask(
        self, service: str, mode: Mode, places: FloatArray, query: Mapping[str, str], expected: str
    ) -> dict[str, Any]:
        """One request; `expected` is a key that a good answer holds."""
        where = ";".join(f"{longitude:.6f},{latitude:.6f}" for latitude, longitude in places)
        url = f"{self._base_url}/{service}/v1/{self._profile(mode)}/{where}?{urllib.parse.urlencode(query, safe=';,')}"
        answer = self._json(url)
        code = answer.get("code") if isinstance(answer, dict) else None
        if code in ("NoRoute", "NoTable"):
            raise _NoRouteError(str(code))
        if not isinstance(answer, dict) or code != "Ok" or expected not in answer:
            raise self._nonsense(str(answer)[:200])
        return answer

    def _json(self, url: str) -> Any:
        try:
            with urllib.request.urlopen(url, timeout=self._timeout_seconds) as response:
                body = response.read()
        except urllib.error.HTTPError as error:  # an OSRM error is an HTTP 400 with a JSON body
            body = error.read()
        except (OSError, http.client.HTTPException) as error:
            raise RoutingServerError(
                f"路径服务器无法访问 / the routing server {self._base_url} cannot be reached: {error}"
            ) from error
        try:
            return json.loads(body)
        except ValueError as error:
            raise self._nonsense(repr(body[:200])) from error

    def _nonsense(self, detail: str) -> RoutingServerError:
        return RoutingServerError(
            f"路径服务器的回答无法理解 / the routing server {self._base_url} answers nonsense: {detail}"
        )


class _NoRouteError(RoutingServerError):
    """The server's own word that there is no way."""
