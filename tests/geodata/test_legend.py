"""A legend names every route and never takes the map's room away."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from geodata.legend import distinct
from geodata.plot import RouteLine, finish, new_map, plot_routes


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def lines(labels: list[str]) -> list[RouteLine]:
    spread = np.linspace(0, 0.1, 5)
    return [
        RouteLine(name, 36.7 + spread, 118.9 + spread * place, spread[:0], spread[:0])
        for place, name in enumerate(labels)
    ]


def shown(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def map_share(ax: Axes) -> float:
    """Share of the figure's height that the map keeps."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    return float(ax.get_position().height)


def test_two_crews_of_one_name_have_an_entry_each() -> None:
    assert shown(finish(plot_routes(lines(["上午 柳队", "上午 柳队", "下午 柳队"])))) == [
        "上午 柳队 1",
        "上午 柳队 2",
        "下午 柳队",
    ]


def test_a_number_never_makes_a_label_that_is_there_already() -> None:
    labels = distinct(["A", "A", "A 1", ""])
    assert len(set(labels)) == 4
    assert labels[2:] == ["A 1", ""]


@pytest.mark.parametrize("count", [1, 3, 12, 40])
def test_long_labels_leave_the_map_its_room_and_stay_inside_the_picture(count: int) -> None:
    ax = finish(plot_routes(lines([f"{n:02d} 上午 非常非常长的网格团队名称" * 4 for n in range(count)]), new_map(6, 6)))
    assert map_share(ax) > 0.25
    legend, figure = ax.get_legend(), ax.get_figure(root=True)
    assert legend is not None
    assert figure is not None
    box = legend.get_window_extent()
    assert box.x0 >= -1
    assert box.x1 <= figure.bbox.x1 + 1
    assert len(shown(ax)) == count


def test_short_labels_stand_side_by_side() -> None:
    legend = finish(plot_routes(lines(["A", "B", "C", "D"]), new_map(6, 6))).get_legend()
    assert legend is not None
    boxes = [text.get_window_extent() for text in legend.get_texts()]
    assert len({round(box.y0) for box in boxes}) == 1
