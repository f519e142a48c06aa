"""Maps with matplotlib: roads, places, sites, coverage, routes; Chinese labels from a font that a package carries.

Every function draws on the axes it is given (or on a new figure) and returns them, so that maps are laid over each
other: roads first, then areas, places, routes, and `finish` last. Nothing is shown or saved here.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import geopandas as gpd
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
import pylopdf_fonts_zh_cn
import shapely
from matplotlib import font_manager, patheffects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox, offset_copy

from geodata.coordinates import EARTH_RADIUS_METRES, FloatArray
from geodata.coverage import FAR_MINUTES, Coverage
from geodata.legend import add_legend, distinct
from geodata.modes import HIGHWAYS
from geodata.roads import RoadGraph
from geodata.route_lines import RouteLine, route_line

__all__ = [
    "INK",
    "ROUTE_COLOURS",
    "SITE_STYLES",
    "RouteLine",
    "SiteStyle",
    "add_labels",
    "add_scale_bar",
    "chinese_font_family",
    "finish",
    "new_map",
    "plot_areas",
    "plot_coverage",
    "plot_places",
    "plot_roads",
    "plot_routes",
    "plot_sites",
    "route_line",
    "use_chinese_font",
]

INK = "#2f3b47"
ROUTE_COLOURS = (
    "#d1495b", "#2a7f9e", "#e09f3e", "#5b8e4b", "#7d5ba6", "#b5651d", "#1b998b", "#c45ab3", "#6b7a12", "#3d5a98",
    "#a83232", "#4aa3c7", "#8c6d31", "#2f6b3a", "#e4572e",
)  # fmt: skip
_ASIDE_POINTS = 1.8
_LABEL = "place label "  # marks the texts that may move, and their gap in points
_MINUTE_COLOURS = "YlGnBu"
_FAR_COLOUR = "#d1495b"
_TRUNK = (("motorway", "trunk", "primary"), "#b3ab9d", 2.0)
_ROAD_STYLES = (  # from the thinnest to the widest, as they are drawn
    (("track", "path", "footway", "cycleway", "steps", "pedestrian"), "#ebe9e4", 0.4),
    (("residential", "living_street", "service", "road"), "#d6d2c9", 0.5),
    (("unclassified",), "#d3cfc6", 0.8),
    (("tertiary",), "#cac5ba", 1.1),
    (("secondary",), "#bfb9ac", 1.5),
    _TRUNK,
)


@dataclass(frozen=True, slots=True)
class SiteStyle:
    """How a kind of site is drawn: text of the legend, marker of matplotlib, colour, size in points squared."""

    label: str
    marker: str
    colour: str
    size: float


SITE_STYLES: Mapping[str, SiteStyle] = MappingProxyType(
    {
        "township_hospital": SiteStyle("卫生院 hospital", "P", "#c1121f", 150.0),
        "health_station": SiteStyle("健康驿站 station", "s", "#e07a5f", 42.0),
        "village_clinic": SiteStyle("卫生室 clinic", "o", "#a47551", 24.0),
        "factory": SiteStyle("工厂 factory", "D", "#6d597a", 36.0),
        "school": SiteStyle("学校 school", "^", "#2a7f9e", 44.0),
        "nursing_home": SiteStyle("敬老院 nursing home", "h", "#5b8e4b", 52.0),
    }
)


@functools.cache
def chinese_font_family() -> str:
    """The family name of the carried Chinese font, made known to matplotlib at the first call."""
    path = str(pylopdf_fonts_zh_cn.sans_path())
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name()


def use_chinese_font() -> None:
    """Let all later text of matplotlib fall back to the Chinese font, for a notebook's own titles."""
    family = chinese_font_family()
    others = [name for name in mpl.rcParams["font.family"] if name != family]
    mpl.rcParams["font.family"] = [family, *others]


def new_map(width_inches: float = 9.0, height_inches: float = 9.0) -> Axes:
    """Empty axes on a new figure."""
    _, ax = plt.subplots(figsize=(width_inches, height_inches), layout="constrained")
    return ax


def plot_roads(roads: RoadGraph, ax: Axes | None = None) -> Axes:
    """The road network in light grey, wider and darker for the higher classes."""
    ax = _ready(ax, roads.node_latitude)
    points = np.column_stack([roads.shape_longitude, roads.shape_latitude])
    lines = np.split(points, roads.shape_offset[1:-1])
    classes = [HIGHWAYS[code].removesuffix("_link") for code in roads.highway[0::2]]
    for order, (names, colour, width) in enumerate(_ROAD_STYLES):
        wanted = [line for line, name in zip(lines, classes, strict=True) if name in names]
        ax.add_collection(LineCollection(wanted, colors=colour, linewidths=width, zorder=1 + order / 10))
    ax.autoscale_view()
    return ax


def plot_places(
    places: pd.DataFrame, ax: Axes | None = None, *, colour: str = "#5d7183", labels: int = 12, legend: str = ""
) -> Axes:
    """Villages or settlements as discs whose area grows with their people; the largest are named.

    `places` has latitude, longitude and, if known, people and name. Labels that would overlap are left out.
    """
    located = places[places["latitude"].notna()]
    ax = _ready(ax, located["latitude"].to_numpy(dtype=float))
    people = _people(located)
    ax.scatter(
        located["longitude"], located["latitude"], s=_disc_sizes(people), c=colour, alpha=0.6,
        edgecolors="white", linewidths=0.5, zorder=3, label=legend or None,
    )  # fmt: skip
    if "name" in located:
        largest = located.iloc[np.argsort(-people, kind="stable")[:labels]]
        add_labels(ax, largest["name"].tolist(), largest["latitude"].to_numpy(), largest["longitude"].to_numpy())
    return ax


def plot_sites(
    sites: pd.DataFrame, ax: Axes | None = None, *, styles: Mapping[str, SiteStyle] = SITE_STYLES, names: bool = False
) -> Axes:
    """Bases, stations, clinics and functional communities by kind (columns kind, latitude, longitude, name)."""
    ax = _ready(ax, sites["latitude"].to_numpy(dtype=float))
    for kind, style in reversed(list(styles.items())):
        here = sites[sites["kind"] == kind]
        if len(here):
            ax.scatter(
                here["longitude"], here["latitude"], s=style.size, marker=style.marker, c=style.colour,
                zorder=5 + style.size / 40,  # large marks over small ones; a base over the routes that start there
                edgecolors="white", linewidths=0.7, label=style.label,
            )  # fmt: skip
        if names and len(here):
            where = here["latitude"].to_numpy(dtype=float), here["longitude"].to_numpy(dtype=float)
            add_labels(ax, here["name"].tolist(), *where, gap_points=3.0 + style.size**0.5 / 2)
    return ax


def plot_areas(areas: gpd.GeoDataFrame, ax: Axes | None = None) -> Axes:
    """The areas within N minutes as tinted rings, the nearest darkest (columns minutes, geometry; EPSG:4326)."""
    box = areas.total_bounds
    ax = _ready(ax, np.array([box[1], box[3]]))
    ordered = areas.sort_values("minutes")
    colours = mpl.colormaps["GnBu"](np.linspace(0.55, 0.15, len(ordered)))
    inner = shapely.Polygon()
    for colour, minutes, shape in zip(colours, ordered["minutes"], ordered.geometry, strict=True):
        ring = shape.difference(inner)
        inner = shape
        if not ring.is_empty:
            gpd.GeoSeries([ring], crs=areas.crs).plot(ax=ax, color=colour, alpha=0.55, zorder=0.5, aspect=None)
            _legend_entry(ax, f"{minutes:g} 分钟内 within {minutes:g} min", "s", face=mpl.colors.to_hex(colour))
    return ax


def plot_coverage(
    coverage: Coverage, places: pd.DataFrame, ax: Axes | None = None, *, far_minutes: float = FAR_MINUTES
) -> Axes:
    """Places coloured by the minutes to their nearest base, those beyond the limit ringed in red and named.

    `places` has the coverage's places in its order: latitude, longitude and, if known, people and name.
    """
    ax = _ready(ax, places["latitude"].to_numpy(dtype=float))
    minutes = coverage.table["minutes"].to_numpy()
    far = minutes > far_minutes
    sizes = np.maximum(_disc_sizes(_people(places)), 16.0)
    edges = np.where(far, _FAR_COLOUR, "white")
    discs = ax.scatter(
        places["longitude"], places["latitude"], s=sizes, c=minutes, cmap=_MINUTE_COLOURS, vmin=0.0, vmax=far_minutes,
        edgecolors=edges.tolist(), linewidths=np.where(far, 1.6, 0.5).tolist(), zorder=4,
    )  # fmt: skip
    figure = ax.get_figure(root=True)
    if figure is not None:
        bar = figure.colorbar(discs, ax=ax, shrink=0.6, pad=0.02, extend="max" if far.any() else "neither")
        bar.set_label("到最近卫生院 / minutes to the nearest base", family=chinese_font_family())
        bar.outline.set_visible(False)
    if far.any():
        _legend_entry(ax, f"超过 {far_minutes:g} 分钟 beyond {far_minutes:g} min", "o", edge=_FAR_COLOUR)
        if "name" in places:
            named = places[far]
            add_labels(ax, named["name"].tolist(), named["latitude"].to_numpy(), named["longitude"].to_numpy())
    return ax


def plot_routes(routes: Sequence[RouteLine], ax: Axes | None = None, *, numbers: bool = True) -> Axes:
    """Crews' ways in distinct colours, their stops as numbered discs (numbers are dropped where they would overlap).

    Every route has its own entry in the legend: equal labels are numbered.
    """
    labels = distinct([route.label for route in routes])
    latitudes = np.concatenate([route.latitude for route in routes]) if routes else np.zeros(1)
    ax = _ready(ax, latitudes)
    casing = [patheffects.Stroke(linewidth=2.7, foreground="white", alpha=0.8), patheffects.Normal()]
    for place, route in enumerate(routes):
        # moved aside a little, each in its own direction, so that crews on the same road stay visible side by side
        angle, reach = 2 * np.pi * place / len(routes), _ASIDE_POINTS if len(routes) > 1 else 0.0
        aside = offset_copy(
            ax.transData, ax.get_figure(root=True), reach * np.cos(angle), reach * np.sin(angle), units="points"
        )
        colour = ROUTE_COLOURS[place % len(ROUTE_COLOURS)]
        style = ("-", (0, (5, 1.4)))[place // len(ROUTE_COLOURS) % 2]
        ax.plot(
            route.longitude, route.latitude, color=colour, linewidth=2.0, linestyle=style, zorder=6, transform=aside,
            label=labels[place], solid_capstyle="round", path_effects=casing,
        )  # fmt: skip
        ax.scatter(
            route.stop_longitude, route.stop_latitude, s=54.0 if numbers else 22.0, c=colour, edgecolors="white",
            linewidths=0.8, zorder=7,
        )  # fmt: skip
        if numbers:
            texts = [str(stop) for stop in range(1, len(route.stop_latitude) + 1)]
            _add_numbers(ax, texts, route)
    return ax


def finish(ax: Axes, *, title: str = "", attribution: str = "", legend_outside: bool = False) -> Axes:
    """The last touch: no frame, a legend of all that was drawn (below, or on the right), scale, title, source."""
    family = chinese_font_family()
    ax.set_axis_off()
    add_legend(ax, family, outside=legend_outside)
    if title:
        ax.set_title(title, family=family, fontsize=13, color=INK)
    if attribution:
        ax.text(
            1.0, 0.0, attribution, transform=ax.transAxes, ha="right", va="bottom", fontsize=6.5, color="#888888",
            family=family,
        )  # fmt: skip
    add_scale_bar(ax)
    _settle_labels(ax)
    return ax


def add_scale_bar(ax: Axes) -> Axes:
    """A bar of a round length, about a fifth of the map, at the lower left."""
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    metres_per_degree = np.pi / 180 * EARTH_RADIUS_METRES * np.cos(np.radians((south + north) / 2))
    wanted = (east - west) * metres_per_degree / 5
    power = 10.0 ** np.floor(np.log10(wanted))
    length = power * max(step for step in (1, 2, 5) if step * power <= wanted)
    x, y = west + 0.03 * (east - west), south + 0.03 * (north - south)
    tick = 0.008 * (north - south)
    end = x + length / metres_per_degree
    ax.plot([x, x, end, end], [y + tick, y, y, y + tick], color=INK, linewidth=1.3, zorder=19)
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    ax.text((x + end) / 2, y + 1.4 * tick, text, ha="center", va="bottom", fontsize=8, color=INK, zorder=19)
    ax.set_xlim(west, east)
    ax.set_ylim(south, north)
    return ax


def add_labels(
    ax: Axes, names: Sequence[str], latitude: FloatArray, longitude: FloatArray, *, gap_points: float = 6.0
) -> list[Text]:
    """Names beside points, earlier ones and earlier layers first; a name that finds no free side is left out."""
    ax.get_xlim()  # brings the view up to date with what was drawn so far
    ax.apply_aspect()
    drawn: list[Text] = []
    taken = [text.get_window_extent() for text in ax.texts]
    for name, y, x in zip(names, latitude, longitude, strict=True):
        text = ax.annotate(
            name, (x, y), xytext=(0, 0), textcoords="offset points", fontsize=8, color=INK, zorder=10,
            family=chinese_font_family(), path_effects=[patheffects.withStroke(linewidth=2.2, foreground="white")],
        )  # fmt: skip
        text.set_gid(f"{_LABEL}{gap_points}")
        if _find_free_side(text, taken, gap_points):
            taken.append(text.get_window_extent())
            drawn.append(text)
        else:
            text.remove()
    return drawn


def _settle_labels(ax: Axes) -> None:
    """Find the labels' sides again now that legend and colour bar have taken their room; drop what has no side left."""
    figure = ax.get_figure(root=True)
    if figure is None:
        return
    figure.draw_without_rendering()
    labels = [text for text in ax.texts if str(text.get_gid()).startswith(_LABEL)]
    taken = [text.get_window_extent() for text in ax.texts if text not in labels]
    for text in labels:
        if _find_free_side(text, taken, float(str(text.get_gid()).removeprefix(_LABEL))):
            taken.append(text.get_window_extent())
        else:
            text.remove()


def _find_free_side(text: Text, taken: Sequence[Bbox], gap: float) -> bool:
    """Move a label to the first side of its point where it covers no other."""
    sides: tuple[tuple[float, float, Literal["left", "right", "center"]], ...] = (
        (gap, -3, "left"),
        (-gap, -3, "right"),
        (0, gap, "center"),
        (0, -gap - 7, "center"),
    )
    for x, y, alignment in sides:
        text.set_position((x, y))
        text.set_horizontalalignment(alignment)
        if not any(text.get_window_extent().padded(1.0).overlaps(other) for other in taken):
            return True
    return False


def _add_numbers(ax: Axes, texts: Sequence[str], route: RouteLine) -> None:
    """Numbers in the stops' discs; where two discs overlap, only the first has its number."""
    spots = ax.transData.transform(np.column_stack([route.stop_longitude, route.stop_latitude]))
    taken: list[npt.NDArray[np.float64]] = []
    for text, spot, x, y in zip(texts, spots, route.stop_longitude, route.stop_latitude, strict=True):
        if all(np.hypot(*(spot - other)) > 9.0 for other in taken):
            taken.append(spot)
            ax.text(x, y, text, ha="center", va="center_baseline", fontsize=5.8, color="white", zorder=8, clip_on=True)


def _ready(ax: Axes | None, latitude: FloatArray) -> Axes:
    """The axes, or new ones, with degrees in the proportion of the place."""
    ax = new_map() if ax is None else ax
    if len(latitude):
        ax.set_aspect(float(1.0 / np.cos(np.radians(np.nanmean(latitude)))))
    return ax


def _people(places: pd.DataFrame) -> FloatArray:
    return places["people"].to_numpy(dtype=float) if "people" in places else np.ones(len(places))


def _disc_sizes(people: FloatArray) -> FloatArray:
    """Areas of discs in points squared: the median place at 40, less where there are more than a hundred."""
    middle = np.median(people) if len(people) else 1.0
    typical = 40.0 * min(1.0, (100.0 / max(len(people), 1)) ** 0.5)
    return np.asarray(np.clip(typical * people / max(middle, 1.0), 6.0, 420.0), dtype=np.float64)


def _legend_entry(ax: Axes, label: str, marker: str, *, face: str = "none", edge: str = "none") -> None:
    ax.add_line(
        Line2D(
            [], [], linestyle="", marker=marker, markerfacecolor=face, markeredgecolor=edge, markersize=8, label=label
        )
    )
