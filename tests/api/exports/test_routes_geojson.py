"""Routes as GeoJSON, read again: longitude first, six decimals, homes hidden unless asked for."""

import io
import json
from typing import Any

import geopandas as gpd
import pytest

from api.exports.routes_geojson import routes_geojson
from geodata import GreatCircle
from tests.api.exports.weeks import ADDRESS, NAMES, PHONE, PLACES, VILLAGES, a_printed_week
from tests.builders import a_crew, a_plan

ENGINE = GreatCircle(1.3)
HOMES = ("h1", "h2", "h3")


def features_of(*homes: str) -> list[dict[str, Any]]:
    """The features of the hand-made week."""
    document: dict[str, Any] = json.loads(routes_geojson(a_printed_week(), ENGINE, homes))
    assert document["type"] == "FeatureCollection"
    features: list[dict[str, Any]] = document["features"]
    return features


def numbers(value: Any) -> list[float]:
    """All numbers of nested lists."""
    return [value] if isinstance(value, float) else [number for part in value for number in numbers(part)]


def test_there_is_a_line_for_every_crew_and_a_point_for_every_stop() -> None:
    kinds = [(f["properties"]["kind"], f["geometry"]["type"]) for f in features_of(*HOMES)]
    assert kinds.count(("route", "LineString")) == 3
    assert kinds.count(("session", "Point")) == 1
    assert kinds.count(("home", "Point")) == 3


def test_another_reader_finds_the_lines_in_wgs_84_at_their_place() -> None:
    frame = gpd.read_file(io.BytesIO(routes_geojson(a_printed_week(), ENGINE, HOMES)))
    assert frame.crs.to_epsg() == 4326
    west, south, east, north = frame.total_bounds
    assert 118.8 < west < east < 119
    assert 36.6 < south < north < 36.8
    assert frame.geometry.is_valid.all()


def test_positions_have_at_most_six_decimals() -> None:
    values = [value for feature in features_of(*HOMES) for value in numbers(feature["geometry"]["coordinates"])]
    assert all(value == round(value, 6) for value in values)
    assert [118.912346, 36.712346] in [f["geometry"]["coordinates"] for f in features_of(*HOMES)]


def test_without_personal_rights_no_home_and_no_household_id_is_left() -> None:
    text = routes_geojson(a_printed_week(), ENGINE).decode()
    homes = [(round(lon, 6), round(lat, 6)) for name, (lat, lon) in PLACES.items() if name.startswith("h")]
    assert not [place for place in homes if f"{place[0]},{place[1]}" in text]
    assert not [name for name in HOMES if f'"{name}"' in text]
    assert {f["properties"]["site"] for f in features_of() if f["properties"]["kind"] == "home"} == {
        "v1",
        "v2",
    }


def test_only_the_homes_that_are_named_are_drawn_where_they_are() -> None:
    places = {tuple(f["geometry"]["coordinates"]) for f in features_of("h1") if f["geometry"]["type"] == "Point"}
    assert (118.912346, 36.712346) in places
    assert (118.923457, 36.723457) not in places


@pytest.mark.parametrize("homes", [(), HOMES])
def test_properties_hold_ids_and_times_only(homes: tuple[str, ...]) -> None:
    text = routes_geojson(a_printed_week(), ENGINE, homes).decode()
    assert not [word for word in (*NAMES.values(), *VILLAGES.values(), PHONE, ADDRESS, "万俟", "SMD") if word in text]


def test_times_carry_their_offset_and_stops_their_order() -> None:
    stops = [
        f["properties"]
        for f in features_of(*HOMES)
        if f["properties"].get("crew") == "c1" and "order" in f["properties"]
    ]
    assert [(stop["order"], stop["start"]) for stop in stops] == [
        (1, "2026-11-23T08:10:00+08:00"),
        (2, "2026-11-23T12:30:00+08:00"),
    ]


def test_a_crew_without_stops_still_has_a_valid_line() -> None:
    week = a_printed_week(a_plan(crews=(a_crew(stops=()),)))
    (feature,) = json.loads(routes_geojson(week, ENGINE))["features"]
    assert len(feature["geometry"]["coordinates"]) == 2


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert routes_geojson(a_printed_week(), ENGINE) == routes_geojson(a_printed_week(), ENGINE)
