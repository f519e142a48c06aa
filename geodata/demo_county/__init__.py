"""An invented county: towns, villages, homes, work sites and roads, drawn from a seed or put on real roads.

It invents places only. Residents' follow-ups, staff and plans are not its business, and no real village is named.
"""

from geodata.demo_county.county import FUNCTIONAL_COMMUNITIES, DemoCounty, SiteKind
from geodata.demo_county.making import COUNTY_PEOPLE, TOWNSHIP_PEOPLE, demo_county, township
from geodata.demo_county.settling import settle
from geodata.demo_county.writing import RoadNetwork

__all__ = [
    "COUNTY_PEOPLE",
    "FUNCTIONAL_COMMUNITIES",
    "TOWNSHIP_PEOPLE",
    "DemoCounty",
    "RoadNetwork",
    "SiteKind",
    "demo_county",
    "settle",
    "township",
]
