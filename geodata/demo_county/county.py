"""The value that both ways of inventing a county give: tables of places, and its roads.

Nothing here draws random numbers. The tables are plain data frames in degrees (WGS-84); codes are text.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pandas as pd

from geodata.demo_county.writing import RoadNetwork, write_network


class SiteKind(StrEnum):
    """What a work site is."""

    TOWNSHIP_HOSPITAL = "township_hospital"
    HEALTH_STATION = "health_station"
    VILLAGE_CLINIC = "village_clinic"
    FACTORY = "factory"
    SCHOOL = "school"
    NURSING_HOME = "nursing_home"


FUNCTIONAL_COMMUNITIES = (SiteKind.FACTORY, SiteKind.SCHOOL, SiteKind.NURSING_HOME)


@dataclass(frozen=True, slots=True, eq=False)
class DemoCounty:
    """An invented county (or township cut out of one).

    towns: town_id, name, statistics_code (9 digits), market_days (lunar days, such as "2,7"), latitude, longitude,
    people, settlement_id (its seat).
    villages (administrative): village_id, name, town_id, statistics_code and record_code (12 digits each, numbered
    independently of each other), latitude, longitude, people, share_65, settlement_id (its main one).
    settlements: settlement_id, name, village_id, town_id, latitude, longitude, people, households.
    households: household_id, settlement_id, village_id, town_id, latitude, longitude, persons.
    sites: site_id, kind (SiteKind), name, town_id, village_id, latitude, longitude, people (who work, learn or live
    there; 0 for health facilities).
    roads: the invented network, or the file of the real roads that the places were put on.
    """

    name: str
    seed: int
    towns: pd.DataFrame
    villages: pd.DataFrame
    settlements: pd.DataFrame
    households: pd.DataFrame
    sites: pd.DataFrame
    roads: RoadNetwork | Path

    @property
    def people(self) -> int:
        """All who live here."""
        return int(self.settlements["people"].sum())

    @property
    def bases(self) -> pd.DataFrame:
        """The township hospitals, where crews start: one a town."""
        return self._sites(SiteKind.TOWNSHIP_HOSPITAL)

    @property
    def stations(self) -> pd.DataFrame:
        """Rural-community health stations; each serves several villages."""
        return self._sites(SiteKind.HEALTH_STATION)

    @property
    def clinics(self) -> pd.DataFrame:
        """Village clinics; two villages in a township have none."""
        return self._sites(SiteKind.VILLAGE_CLINIC)

    @property
    def communities(self) -> pd.DataFrame:
        """Functional communities: factories, schools, nursing homes."""
        return self._sites(*FUNCTIONAL_COMMUNITIES)

    def _sites(self, *kinds: SiteKind) -> pd.DataFrame:
        wanted = self.sites["kind"].isin([kind.value for kind in kinds])
        return self.sites[wanted].reset_index(drop=True)

    def write_roads(self, path: Path) -> None:
        """Write the roads as .osm.pbf, replacing the file: the same county gives the same bytes.

        Raises
        ------
        OSError
            When the file cannot be written, or the file of the real roads has gone.
        """
        if isinstance(self.roads, RoadNetwork):
            write_network(self.roads, path)
        elif self.roads.resolve() != Path(path).resolve():
            shutil.copyfile(self.roads, path)

    def summary(self) -> str:
        """One line of counts."""
        return (
            f"{self.name}: {self.people:,} people, {len(self.towns)} towns, {len(self.villages)} villages, "
            f"{len(self.settlements)} settlements, {len(self.households):,} households, {len(self.sites)} sites"
        )
