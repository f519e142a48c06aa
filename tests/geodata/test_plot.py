"""Maps: every drawing returns its axes, Chinese names have glyphs, labels do not overlap, a map can be saved."""

import io
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager, ft2font
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection

from geodata.coverage import areas_within, cover
from geodata.demo_county import DemoCounty, demo_county
from geodata.engines import Dijkstra
from geodata.matrix import Points
from geodata.modes import Mode
from geodata.plot import (
    SITE_STYLES,
    RouteLine,
    add_labels,
    chinese_font_family,
    finish,
    new_map,
    plot_areas,
    plot_coverage,
    plot_places,
    plot_roads,
    plot_routes,
    plot_sites,
    use_chinese_font,
)
from geodata.roads import RoadGraph, read_roads


def points(table: pd.DataFrame, key: str) -> Points:
    return Points(tuple(table[key]), table["latitude"].to_numpy(), table["longitude"].to_numpy())


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def county() -> DemoCounty:
    return demo_county(2, people=30_000)


@pytest.fixture(scope="module")
def graph(county: DemoCounty, tmp_path_factory: pytest.TempPathFactory) -> RoadGraph:
    path = tmp_path_factory.mktemp("roads") / "roads.osm.pbf"
    county.write_roads(path)
    return read_roads(path)


@pytest.fixture(scope="module")
def routes(county: DemoCounty, graph: RoadGraph) -> list[RouteLine]:
    engine, base = Dijkstra(graph), county.bases.iloc[0]
    lines = []
    for crew in range(3):
        stops = county.households.iloc[crew * 900 : crew * 900 + 3]
        route = engine.route(
            (base["latitude"], base["longitude"]), tuple(stops.iloc[0][["latitude", "longitude"]]), Mode.CAR
        )
        lines.append(
            RouteLine(
                f"第{crew + 1}组",
                route.latitude,
                route.longitude,
                stops["latitude"].to_numpy(),
                stops["longitude"].to_numpy(),
            )
        )
    return lines


def saved(ax: Axes) -> bytes:
    """The map as PNG; a missing glyph is a warning and so a failure."""
    buffer = io.BytesIO()
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.savefig(buffer, format="png", dpi=50)
    return buffer.getvalue()


def legend_texts(ax: Axes) -> set[str]:
    legend = ax.get_legend()
    return {text.get_text() for text in legend.get_texts()} if legend else set()


def test_the_carried_font_has_every_character_of_many_invented_names() -> None:
    font = ft2font.FT2Font(font_manager.findfont(chinese_font_family()))
    county = demo_county(9)
    names = pd.concat([county.settlements["name"], county.towns["name"], county.sites["name"]])
    missing = {sign for name in names for sign in name if not font.get_char_index(ord(sign))}
    assert not missing
    assert font.get_char_index(ord("鄌"))


def test_every_layer_comes_without_axes_and_on_given_axes(
    county: DemoCounty, graph: RoadGraph, routes: list[RouteLine]
) -> None:
    bases, villages = points(county.bases, "site_id"), points(county.villages, "village_id")
    coverage = cover(villages, bases, Dijkstra(graph))
    areas = areas_within(graph, bases, minutes=(2, 5, 10))
    given = new_map()
    layers: tuple[Callable[[Axes | None], Axes], ...] = (
        lambda ax: plot_areas(areas, ax),
        lambda ax: plot_roads(graph, ax),
        lambda ax: plot_places(county.settlements, ax, legend="村庄 settlements"),
        lambda ax: plot_coverage(coverage, county.villages, ax),
        lambda ax: plot_sites(county.sites, ax, names=True),
        lambda ax: plot_routes(routes, ax),
    )
    for layer in layers:
        fresh = layer(None)
        assert isinstance(fresh, Axes)
        assert fresh is not given
        assert layer(given) is given
    assert finish(given, title="峱阳镇 全图", attribution="© OpenStreetMap contributors") is given
    texts = legend_texts(given)
    assert {"村庄 settlements", "第1组", "第3组", SITE_STYLES["township_hospital"].label} <= texts
    assert "5 分钟内 within 5 min" in texts
    assert saved(given).startswith(b"\x89PNG")


def test_roads_are_drawn_by_class_and_all_of_them(graph: RoadGraph) -> None:
    ax = plot_roads(graph)
    collections = [item for item in ax.collections if isinstance(item, LineCollection)]
    assert sum(len(item.get_segments()) for item in collections) == graph.edge_count // 2
    widths = [float(np.atleast_1d(item.get_linewidth())[0]) for item in collections if len(item.get_segments())]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]


def test_larger_villages_have_larger_discs(county: DemoCounty) -> None:
    ax = plot_places(county.settlements, labels=0)
    discs = next(item for item in ax.collections if isinstance(item, PathCollection))
    order = np.argsort(county.settlements["people"].to_numpy(), kind="stable")
    assert (np.diff(np.asarray(discs.get_sizes())[order]) >= 0).all()


def test_places_without_coordinates_are_left_out(county: DemoCounty) -> None:
    places = county.settlements.copy()
    places.loc[0, ["latitude", "longitude"]] = np.nan
    ax = plot_places(places)
    assert np.shape(ax.collections[0].get_offsets())[0] == len(places) - 1


def test_labels_do_not_overlap_and_the_first_ones_win() -> None:
    ax = new_map()
    ax.set(xlim=(118, 119), ylim=(36, 37))
    rng = np.random.default_rng(0)
    names = [f"村庄{number}" for number in range(150)]
    texts = add_labels(ax, names, rng.uniform(36.4, 36.6, 150), rng.uniform(118.4, 118.6, 150))
    assert 5 < len(texts) < 150
    assert texts[0].get_text() == "村庄0"
    boxes = [text.get_window_extent() for text in texts]
    assert not any(first.overlaps(second) for first, second in itertools.combinations(boxes, 2))
    more = add_labels(ax, ["第二批"], np.array([36.5]), np.array([118.5]))
    assert not any(text.get_window_extent().overlaps(box) for text in more for box in boxes)


def test_labels_still_do_not_overlap_when_the_legend_has_taken_its_room(county: DemoCounty) -> None:
    ax = plot_places(county.settlements, labels=40, legend="村庄")
    plot_sites(county.sites, ax)
    finish(ax)
    names = set(county.settlements["name"])
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text() in names]
    assert len(boxes) > 10
    assert not any(first.overlaps(second) for first, second in itertools.combinations(boxes, 2))


def test_far_villages_are_ringed_named_and_in_the_legend(county: DemoCounty, graph: RoadGraph) -> None:
    bases, villages = points(county.bases, "site_id"), points(county.villages, "village_id")
    coverage = cover(villages, bases, Dijkstra(graph), Mode.FOOT)
    far = set(coverage.beyond()["place_id"])
    ax = finish(plot_coverage(coverage, county.villages))
    assert "超过 30 分钟 beyond 30 min" in legend_texts(ax)
    named = {text.get_text() for text in ax.texts} & set(county.villages["name"])
    allowed = county.villages["name"][county.villages["village_id"].isin(far)]
    assert named
    assert named <= set(allowed)
    near = finish(plot_coverage(cover(villages, bases, Dijkstra(graph)), county.villages))
    assert legend_texts(near) == set()


def test_crews_have_different_colours_and_numbered_stops(routes: list[RouteLine]) -> None:
    ax = plot_routes(routes)
    colours = [line.get_color() for line in ax.lines]
    assert len(set(map(str, colours))) == len(routes)
    assert {text.get_text() for text in ax.texts} <= {"1", "2", "3"}
    plain = plot_routes(routes, numbers=False)
    assert not plain.texts


def test_no_routes_is_an_empty_map() -> None:
    assert not plot_routes([]).lines


def test_more_crews_than_colours_differ_by_their_dashes(routes: list[RouteLine]) -> None:
    ax = plot_routes(routes * 6, numbers=False)
    styles = {(str(line.get_color()), line.get_linestyle()) for line in ax.lines}
    assert len(styles) == 18


def test_the_map_keeps_the_proportions_of_the_place(graph: RoadGraph) -> None:
    ax = plot_roads(graph)
    assert ax.get_aspect() == pytest.approx(1 / np.cos(np.radians(36.7)), rel=1e-3)


def test_the_scale_bar_is_a_round_length_of_about_a_fifth(graph: RoadGraph) -> None:
    ax = finish(plot_roads(graph))
    label = next(text.get_text() for text in ax.texts if text.get_text().endswith("m"))
    metres = float(label.split()[0]) * (1_000 if label.endswith("km") else 1)
    west, east = ax.get_xlim()
    width = (east - west) * 111_195 * np.cos(np.radians(36.7))
    assert 0.07 < metres / width <= 0.201
    assert f"{metres:.0e}"[0] in "125"


def test_a_notebook_can_use_the_font_for_its_own_titles() -> None:
    with plt.rc_context():
        use_chinese_font()
        use_chinese_font()
        assert plt.rcParams["font.family"].count(chinese_font_family()) == 1
        ax = new_map(3, 3)
        ax.set_title("鄌郚、㙍与峱")
        assert len(saved(ax)) > 1_000


def test_a_map_of_a_real_extract_can_be_saved(shared_folder: Path) -> None:
    graph = read_roads(shared_folder / "geo" / "north-bayreuth.osm.pbf")
    assert len(saved(finish(plot_roads(graph), legend_outside=True))) > 5_000
