"""Household sites: one for every household that somebody can be seen in this week, at its own coordinates.

A home without coordinates of its own is taken to be at its village, and noted.
"""

from dataclasses import dataclass, field

from optimizer.model import FollowUp, Site, SiteKind
from optimizer.tables.cells import Row
from optimizer.tables.places import coordinates, great_circle

FARTHEST_METRES = 30_000
"""A home farther than this from its village is taken for a mistake."""
SAME_METRES = 200
PREFIX = "H:"
"""Begins the id of a household's site; the household's own id follows, or its resident's where it has none."""


@dataclass(slots=True)
class Homes:
    """The household sites so far, with the row that brought each."""

    sites: list[Site] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    _by_id: dict[str, Site] = field(default_factory=dict)

    def site_of(self, row: Row, item: FollowUp, village: Site | None, outside_china: bool) -> Site | None:
        """The household's site; None where the village's has to do."""
        name = PREFIX + (item.household or item.resident)
        position = coordinates(row, outside_china)
        known = self._by_id.get(name)
        if position is None:
            if known is None:
                _note_centroid(row)
            return known
        if known is None:
            known = Site(name, SiteKind.HOUSEHOLD, village.village if village else "", *position)
            self._by_id[name] = known
            self.sites.append(known)
            self.rows.append(row)
        elif great_circle(*position, known.latitude or 0.0, known.longitude or 0.0) > SAME_METRES:
            zh, en = "同一户的坐标不同，用先出现的", "a household with two places: the first is used"
            row.log.note("TWO_PLACES", zh, en, row.place)
        return known


def _note_centroid(row: Row) -> None:
    if not row.text("latitude") and not row.text("longitude"):
        zh, en = "住户缺坐标，用村的坐标", "homes without coordinates: the village's are used"
        row.log.note("NO_COORDINATES", zh, en, row.place)


def judge_distances(homes: Homes, sites: list[tuple[Site, Row]]) -> None:
    """A home far from its village is a fault; where most homes of a village are far, the village is the one told."""
    for village, row in sites:
        own = [
            (home, home_row)
            for home, home_row in zip(homes.sites, homes.rows, strict=True)
            if home.village == village.id
        ]
        far = [(metres, home_row) for home, home_row in own if (metres := _metres(home, village)) > FARTHEST_METRES]
        if len(far) > max(2, len(own) // 2):
            zh, en = f"离本村 {len(far)} 户住户都很远", f"far from the homes of {len(far)} households of its own"
            row.fault("TOO_FAR", "latitude", f"{zh}；核对坐标", f"{en}; check the coordinates")
            continue
        for metres, home_row in far:
            zh, en = f"离所属村 {metres / 1000:.0f} 公里", f"{metres / 1000:.0f} km from its village"
            home_row.fault("TOO_FAR", "latitude", f"{zh}；核对坐标", f"{en}; check the coordinates")


def _metres(home: Site, village: Site) -> float:
    """Metres between a home and its village; 0 where the village's place is not known."""
    if village.latitude is None or village.longitude is None:
        return 0.0
    return great_circle(home.latitude or 0.0, home.longitude or 0.0, village.latitude, village.longitude)
