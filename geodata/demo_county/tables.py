"""From a layout to the tables of a county: names, two independent village codes, homes, sites.

Positions come in as degrees; this module decides who lives in which home and which site stands where, and nothing
about follow-ups or staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata.coordinates import FloatArray
from geodata.demo_county.county import SiteKind
from geodata.demo_county.names import COUNTY_CODE, COUNTY_NAME, factory_name, settlement_names, town_names
from geodata.demo_county.settlements import IntArray, Layout

HOUSEHOLD_SHARES = (0.19, 0.34, 0.25, 0.22)
"""Share of households with one, two, three and four persons (assumed; rural, ageing)."""
VILLAGES_PER_STATION = 8
VILLAGES_WITHOUT_CLINIC_PER_TOWN = 2
_MARKET_DAYS = ("1,6", "2,7", "3,8", "4,9", "5,10")
_COMMUNITIES_PER_TEN_THOUSAND = {SiteKind.FACTORY: 0.7, SiteKind.SCHOOL: 0.9, SiteKind.NURSING_HOME: 0.35}
_COMMUNITY_PEOPLE = {SiteKind.FACTORY: (60, 700), SiteKind.SCHOOL: (120, 900), SiteKind.NURSING_HOME: (20, 120)}


@dataclass(frozen=True, slots=True)
class Homes:
    """Households in the order of their settlements: settlement[h], persons[h] (1 to 4)."""

    settlement: IntArray
    persons: IntArray


def make_homes(people: IntArray, rng: np.random.Generator) -> Homes:
    """Households of one to four persons that sum to each settlement's people."""
    persons_of = [_household_sizes(int(count), rng) for count in people]
    return Homes(
        np.repeat(np.arange(len(people)), [len(sizes) for sizes in persons_of]),
        np.concatenate(persons_of),
    )


def _household_sizes(people: int, rng: np.random.Generator) -> IntArray:
    sizes = rng.choice(np.arange(1, 5), size=people, p=HOUSEHOLD_SHARES)  # at most one household a person
    total = np.cumsum(sizes)
    count = int(np.searchsorted(total, people)) + 1
    sizes = sizes[:count].astype(np.int64)
    sizes[-1] -= total[count - 1] - people
    return np.asarray(sizes)


def settlement_table(layout: Layout, latitude: FloatArray, longitude: FloatArray, homes: Homes) -> pd.DataFrame:
    """The settlements without their names, which `name_places` adds."""
    return pd.DataFrame(
        {
            "settlement_id": ids("S", len(layout.people)),
            "village_id": pd.Series(ids("V", len(layout.village_seat))).to_numpy()[layout.village],
            "town_id": pd.Series(ids("T", len(layout.town_seat))).to_numpy()[layout.town],
            "latitude": latitude,
            "longitude": longitude,
            "people": layout.people,
            "households": np.bincount(homes.settlement, minlength=len(layout.people)),
        }
    )


def name_places(
    settlements: pd.DataFrame, layout: Layout, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """(towns, villages, settlements): names, codes and what is counted from the settlements."""
    settlements = settlements.copy()
    settlements.insert(1, "name", settlement_names(rng, len(settlements)))
    village_people = settlements.groupby("village_id")["people"].sum()
    seats = settlements.iloc[layout.village_seat].reset_index(drop=True)
    villages = seats[["village_id", "name", "town_id", "latitude", "longitude", "settlement_id"]].assign(
        name=[village_name(name) for name in seats["name"]],
        people=village_people.reindex(seats["village_id"]).to_numpy(),
        share_65=np.round(np.clip(rng.normal(0.19, 0.035, len(seats)), 0.12, 0.30), 3),
    )
    centres = settlements.iloc[layout.town_seat].reset_index(drop=True)
    towns = centres[["town_id", "name", "latitude", "longitude", "settlement_id"]].assign(
        name=_town_titles(town_names(rng, len(centres))),
        statistics_code=_town_codes(len(centres)),
        market_days=[_MARKET_DAYS[int(day)] for day in rng.integers(len(_MARKET_DAYS), size=len(centres))],
        people=settlements.groupby("town_id")["people"].sum().reindex(centres["town_id"]).to_numpy(),
    )
    return towns, with_codes(villages, towns, rng), settlements


def county_name(towns: pd.DataFrame) -> str:
    """The county's name, or its only town's."""
    return COUNTY_NAME if len(towns) > 1 else str(towns["name"].iloc[0])


def village_name(settlement: str) -> str:
    """The name of the administrative village that is led from a settlement."""
    return settlement if settlement.endswith("村") else settlement + "村"


def _town_titles(names: Sequence[str]) -> list[str]:
    """The county seat and every fifth town after it are streets, the others towns."""
    return [name + ("街道" if place % 5 == 0 and len(names) > 2 else "镇") for place, name in enumerate(names)]


def _town_codes(count: int) -> list[str]:
    streets, towns, codes = 0, 0, []
    for place in range(count):
        if place % 5 == 0 and count > 2:
            streets += 1
            codes.append(f"{COUNTY_CODE}{streets:03d}")
        else:
            codes.append(f"{COUNTY_CODE}{100 + towns:03d}")
            towns += 1
    return codes


def with_codes(villages: pd.DataFrame, towns: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The villages with both 12-digit codes.

    Statistics count villages from 200 in one order, health records from 101 in another: neither follows from the
    other, here as in life.
    """
    town_code = towns.set_index("town_id")["statistics_code"].reindex(villages["town_id"]).to_numpy()
    statistics, record = [""] * len(villages), [""] * len(villages)
    for rows in villages.groupby("town_id").indices.values():
        for code, order, first in ((statistics, rng.permutation(rows), 200), (record, rng.permutation(rows), 101)):
            for step, row in enumerate(order):
                code[row] = f"{town_code[row]}{first + step:03d}"
    return villages.assign(statistics_code=statistics, record_code=record)


def household_table(
    homes: Homes, settlements: pd.DataFrame, latitude: FloatArray, longitude: FloatArray
) -> pd.DataFrame:
    """The households at given positions."""
    of = settlements.iloc[homes.settlement]
    return pd.DataFrame(
        {
            "household_id": ids("H", len(homes.persons)),
            "settlement_id": of["settlement_id"].to_numpy(),
            "village_id": of["village_id"].to_numpy(),
            "town_id": of["town_id"].to_numpy(),
            "latitude": latitude,
            "longitude": longitude,
            "persons": homes.persons,
        }
    )


def site_table(
    towns: pd.DataFrame, villages: pd.DataFrame, households: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Health facilities and functional communities; all stand beside a lane, where a home could be."""
    parts = [_facilities(town, villages[villages["town_id"] == town["town_id"]], rng) for _, town in towns.iterrows()]
    parts += [
        _communities(villages[villages["town_id"] == town], households[households["town_id"] == town], rng)
        for town in towns["town_id"]
    ]
    sites = pd.concat(parts, ignore_index=True)
    sites.insert(0, "site_id", ids("P", len(sites)))
    return sites


def _facilities(town: pd.Series, villages: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The township hospital, health stations in every eighth village, clinics in all but two villages."""
    is_seat = villages["settlement_id"] == town["settlement_id"]
    hospital = villages[is_seat].assign(kind=SiteKind.TOWNSHIP_HOSPITAL.value, name=town["name"] + "卫生院")
    others = villages[~is_seat].sort_values(["people", "village_id"], ascending=[False, True])
    count = max(1, round(len(villages) / VILLAGES_PER_STATION)) if len(others) else 0
    large = others.iloc[: 2 * count]
    chosen = large.iloc[np.sort(rng.permutation(len(large))[:count])]
    stations = chosen.assign(
        kind=SiteKind.HEALTH_STATION.value, name=chosen["name"].str.removesuffix("村") + "健康驿站"
    )
    small = others.iloc[len(others) // 2 :]["village_id"]
    without = small.iloc[rng.permutation(len(small))[:VILLAGES_WITHOUT_CLINIC_PER_TOWN]]
    having = others[~others["village_id"].isin(pd.concat([without, chosen["village_id"]]))].sort_values("village_id")
    clinics = having.assign(kind=SiteKind.VILLAGE_CLINIC.value, name=having["name"] + "卫生室")
    columns = ["kind", "name", "town_id", "village_id", "latitude", "longitude", "people"]
    facilities: pd.DataFrame = pd.concat([hospital, stations, clinics], ignore_index=True).assign(people=0)
    return facilities[columns]


def _communities(villages: pd.DataFrame, households: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Factories, schools and nursing homes of a town: each beside a home, no two of a kind in one village."""
    rows = []
    share = villages["people"].to_numpy(dtype=np.float64) / villages["people"].sum()
    for kind, per_ten_thousand in _COMMUNITIES_PER_TEN_THOUSAND.items():
        count = max(1, round(per_ten_thousand * villages["people"].sum() / 10_000))
        for place in rng.choice(len(villages), size=min(count, len(villages)), replace=False, p=share):
            village = villages.iloc[int(place)]
            homes = households[households["village_id"] == village["village_id"]]
            home = homes.iloc[int(rng.integers(len(homes)))]
            few, many = _COMMUNITY_PEOPLE[kind]
            rows.append(
                {
                    "kind": kind.value,
                    "name": _community_name(kind, village["name"].removesuffix("村"), rng),
                    **home[["town_id", "village_id", "latitude", "longitude"]].to_dict(),
                    "people": int(np.exp(rng.uniform(np.log(few), np.log(many)))),
                }
            )
    return pd.DataFrame(rows)


def _community_name(kind: SiteKind, village: str, rng: np.random.Generator) -> str:
    if kind is SiteKind.FACTORY:
        return village + factory_name(rng)
    return village + ("小学" if kind is SiteKind.SCHOOL else "敬老院")


def ids(letter: str, count: int) -> list[str]:
    """Opaque ids such as S001, as long as the count needs."""
    width = max(3, len(str(count)))
    return [f"{letter}{number:0{width}d}" for number in range(1, count + 1)]
