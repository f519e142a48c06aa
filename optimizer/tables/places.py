"""The sites sheet: bases, villages, functional communities, stations, and where they are.

Coordinates are taken as WGS-84 as they are; nothing is shifted, and what cannot be right is a fault.
"""

import math
from dataclasses import dataclass, field

from optimizer.model import Site, SiteKind
from optimizer.tables.cells import Row, unique_ids
from optimizer.tables.settings import Settings

CHINA = (3.0, 54.0, 73.0, 136.0)
"""Least and greatest latitude, least and greatest longitude."""
EARTH_METRES = 6_371_008.8
FARTHEST_METRES = 150_000
"""A site farther than this from every base is taken for a mistake."""


@dataclass(slots=True)
class Places:
    """The sites read so far, with their rows and names; `known` has also the ids of faulty rows."""

    sites: list[Site] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    known: dict[str, SiteKind] = field(default_factory=dict)

    def find(self, id: str) -> Site | None:  # noqa: A002 # the field is called id
        """The site of an id, or None."""
        return next((site for site in self.sites if site.id == id), None)

    def ids(self, *kinds: SiteKind) -> set[str]:
        """Ids of the given kinds, or of all."""
        return {name for name, kind in self.known.items() if not kinds or kind in kinds}


def read_places(rows: list[Row], settings: Settings) -> Places:
    """The sites; the place of a faulty coordinate stays open."""
    places = Places()
    first = list(unique_ids(rows))
    for row in first:
        kind = SiteKind(row.choice("kind", "site_kinds", SiteKind.VILLAGE))
        places.known[row.text("id")] = kind
        places.names[row.text("id")] = row.text("name") or row.text("id")
        row.number_in("people", 0, 10_000_000, 0)
        _judge_codes(row)
    for row in first:
        places.sites.append(_site(row, places, settings))
        places.rows.append(row)
    if rows and not places.ids(SiteKind.BASE):
        rows[0].fault("NO_BASE", "kind", "至少需要一个基地", "at least one base is needed")
    _judge_distances(places)
    return places


def _site(row: Row, places: Places, settings: Settings) -> Site:
    name = row.text("id")
    kind = places.known[name]
    village = row.reference("village", places.ids(SiteKind.VILLAGE)) if row.text("village") else ""
    position = coordinates(row, settings.outside_china)
    is_told = any(fault.row == row.number and fault.sheet == "sites" for fault in row.log.faults)
    if position is None and not is_told:
        row.fault("NO_COORDINATES", "latitude", "填写经纬度", "fill in latitude and longitude")
    latitude, longitude = position or (None, None)
    return Site(name, kind, name if kind is SiteKind.VILLAGE else village, latitude, longitude)


def coordinates(row: Row, outside_china: bool) -> tuple[float, float] | None:
    """Latitude and longitude of a row; None where both are empty or one is a fault."""
    before = len(row.log.faults)
    latitude = row.number_in("latitude", -180, 180, math.nan)
    longitude = row.number_in("longitude", -180, 180, math.nan)
    if len(row.log.faults) > before or (math.isnan(latitude) and math.isnan(longitude)):
        return None
    if math.isnan(latitude) or math.isnan(longitude):
        key = "latitude" if math.isnan(latitude) else "longitude"
        row.fault("HALF_COORDINATES", key, "经纬度要么都填，要么都不填", "fill in both coordinates, or none")
        return None
    if not outside_china and not is_in_china(latitude, longitude):
        if is_in_china(longitude, latitude):
            row.fault("SWAPPED", "latitude", "经纬度似乎填反了", "latitude and longitude seem to be swapped")
        else:
            zh, en = "不在中国境内；若确实如此，设置“境外坐标”", "not in China; if that is meant, set outside_china"
            row.fault("OUTSIDE_CHINA", "latitude", zh, en)
        return None
    if abs(latitude) > 90:
        row.fault("OUT_OF_RANGE", "latitude", "应在 -90 与 90 之间", "has to lie between -90 and 90")
        return None
    return latitude, longitude


def is_in_china(latitude: float, longitude: float) -> bool:
    """Whether a place lies in the box around China."""
    south, north, west, east = CHINA
    return south <= latitude <= north and west <= longitude <= east


def metres_between(a: Site, b: Site) -> float:
    """Great-circle metres between two sites with coordinates; raises ValueError when one has none."""
    if a.latitude is None or a.longitude is None or b.latitude is None or b.longitude is None:
        raise ValueError(f"{a.id} or {b.id} has no coordinates")
    return great_circle(a.latitude, a.longitude, b.latitude, b.longitude)


def great_circle(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Metres on the sphere (haversine)."""
    p1, p2 = math.radians(lat1), math.radians(lat2)
    h = math.sin((p2 - p1) / 2) ** 2 + math.cos(p1) * math.cos(p2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(h)))


def _judge_codes(row: Row) -> None:
    for key in ("statistics_code", "record_code"):
        text = row.text(key)
        if text and not (len(text) == 12 and text.isdecimal()):
            row.fault(
                "VILLAGE_CODE", key, "应为12位数字（Excel中请设为文本格式）", "12 digits (format the column as text)"
            )


def _judge_distances(places: Places) -> None:
    """A site far from every base is a fault."""
    located = [site for site in places.sites if site.latitude is not None]
    bases = [site for site in located if site.kind is SiteKind.BASE]
    for site, row in zip(places.sites, places.rows, strict=True):
        if site.latitude is None or not bases:
            continue
        metres = min(metres_between(site, base) for base in bases)
        if metres > FARTHEST_METRES:
            zh, en = f"离最近基地 {metres / 1000:.0f} 公里", f"{metres / 1000:.0f} km from the nearest base"
            row.fault("TOO_FAR", "latitude", f"{zh}；核对坐标", f"{en}; check the coordinates")
