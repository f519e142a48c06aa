"""Writes an invented township, or a whole invented county, as folders of a real user: tables and roads.

The places come from geodata, the people and their follow-ups from the optimizer's demand; the same seed gives the same
bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from api.demo_week import DEMO_WEEK as DEMO_WEEK
from geodata.demo_county import COUNTY_PEOPLE, TOWNSHIP_PEOPLE, DemoCounty, demo_county, settle, township
from optimizer.demand import DemoHomes, DemoPlaces, Spot, demo_rows
from optimizer.tables.columns import SHEETS
from optimizer.tables.writing import write_csv

COMMUNITY_PEOPLE = 10_000
"""One functional community is visited for so many people."""
ROADS_NAME = "roads.osm.pbf"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written where."""

    folder: Path
    people: int
    rows: dict[str, int]


def write_demo(folder: Path, seed: int, people: int, monday: date) -> Written:
    """An invented township of about so many people with its own roads."""
    if people < TOWNSHIP_PEOPLE:  # too small to be cut out: villages are taken whole
        return write_township(demo_county(seed, people), folder, seed, monday)
    county = demo_county(seed, max(people, COUNTY_PEOPLE))
    return write_township(township(county, people), folder, seed, monday)


def write_demo_on_roads(folder: Path, roads: Path, seed: int, people: int, monday: date) -> Written:
    """Invented villages, homes and demand on real roads."""
    return write_township(settle(roads, seed, people), folder, seed, monday)


def write_demo_county(folder: Path, seed: int, people: int, monday: date) -> list[Written]:
    """One folder per township of an invented county, and an overview of them."""
    county = demo_county(seed, people)
    written = []
    for number, town in enumerate(county.towns.itertuples(), start=1):
        part = cut_town(county, str(town.town_id))
        written.append(write_township(part, folder / f"{number:02d}-{town.name}", seed + number, monday))
    overview = pd.DataFrame([{"folder": w.folder.name, "people": w.people, **w.rows} for w in written])
    (folder / "county.csv").write_bytes(overview.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig"))
    county.write_roads(folder / ROADS_NAME)
    return written


def cut_town(county: DemoCounty, town: str) -> DemoCounty:
    """One town of a county; its roads stay those of the whole county, so that neighbours can be reached."""

    def inside(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["town_id"] == town].reset_index(drop=True)

    towns = inside(county.towns)
    return DemoCounty(
        name=str(towns["name"].iloc[0]),
        seed=county.seed,
        towns=towns,
        villages=inside(county.villages),
        settlements=inside(county.settlements),
        households=inside(county.households),
        sites=inside(county.sites),
        roads=county.roads,
    )


def write_township(county: DemoCounty, folder: Path, seed: int, monday: date) -> Written:
    """Write the sheets and the roads of a township."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = demo_rows(places_of(county), monday, seed)
    for sheet in SHEETS:
        write_csv(folder / f"{sheet}.csv", sheet, rows[sheet])
    county.write_roads(folder / ROADS_NAME)
    return Written(folder, county.people, {sheet: len(rows[sheet]) for sheet in SHEETS})


def places_of(county: DemoCounty) -> DemoPlaces:
    """A township of geodata in the words of the demand."""
    with_clinic = {*county.clinics["village_id"], *county.stations["village_id"], *county.bases["village_id"]}
    villages = tuple(_village(row, with_clinic) for row in county.villages.to_dict("records"))
    number = {village.id: place for place, village in enumerate(villages)}
    most = max(1, round(county.people / COMMUNITY_PEOPLE))
    largest = county.communities.sort_values(["people", "site_id"], ascending=[False, True]).head(most)
    homes = county.households
    base = county.bases.to_dict("records")[0]
    return DemoPlaces(
        base=_spot(base),
        villages=villages,
        communities=tuple(_spot(row) for row in largest.sort_values("site_id").to_dict("records")),
        stations=tuple(_spot(row) for row in county.stations.to_dict("records")),
        homes=DemoHomes(
            id=tuple(homes["household_id"].astype(str)),
            village=np.array([number[village] for village in homes["village_id"]], dtype=np.int64),
            latitude=homes["latitude"].to_numpy(dtype=np.float64),
            longitude=homes["longitude"].to_numpy(dtype=np.float64),
            persons=homes["persons"].to_numpy(dtype=np.int64),
        ),
    )


def _village(row: Mapping[Any, Any], with_clinic: set[str]) -> Spot:
    return Spot(
        id=str(row["village_id"]),
        name=str(row["name"]),
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        people=int(row["people"]),
        village=str(row["village_id"]),
        has_clinic=row["village_id"] in with_clinic,
        statistics_code=str(row["statistics_code"]),
        record_code=str(row["record_code"]),
    )


def _spot(row: Mapping[Any, Any]) -> Spot:
    return Spot(
        id=str(row["site_id"]),
        name=str(row["name"]),
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        people=int(row["people"]),
        village=str(row["village_id"]),
    )
