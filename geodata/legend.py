"""Legends that never break a map: as many columns as fit, labels cut to the map's width, one entry per route.

Knows labels and axes only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from types import MappingProxyType
from typing import Any

from matplotlib import font_manager
from matplotlib.axes import Axes

MANY_ENTRIES = 16
"""A legend of more entries is set smaller."""
MOST_ROWS = 14
_KEY_EMS = 4.2  # the sign before a label and the gap behind it
_BELOW: Mapping[str, Any] = MappingProxyType({"loc": "upper center", "bbox_to_anchor": (0.5, 0.0)})
_RIGHT: Mapping[str, Any] = MappingProxyType({"loc": "upper left", "bbox_to_anchor": (1, 1)})


def add_legend(ax: Axes, family: str, *, outside: bool) -> None:
    """A legend in as many columns as its labels leave room for; what is too long for the map is cut."""
    handles, texts = ax.get_legend_handles_labels()
    unique = dict(zip(texts, handles, strict=True))
    if not unique:
        return
    size = 8.5 if len(unique) <= MANY_ENTRIES else 6.8
    em = size / 72.0
    width = _width_inches(ax) * (0.35 if outside else 1.0)
    longest = max(1, int((width - _KEY_EMS * em) / em))
    labels = [_cut(text, longest) for text in unique]
    needed = (_KEY_EMS + max(_ems(text) for text in labels)) * em
    columns = 1 if outside else max(1, min(len(unique), 4 if len(unique) != 6 else 3, int(width / needed)))
    legend = ax.legend(
        unique.values(), labels, prop=font_manager.FontProperties(family=family, size=size), frameon=False,
        ncols=columns, columnspacing=1.4, handletextpad=0.4, **(_RIGHT if outside else _BELOW),
    )  # fmt: skip
    if not outside and -(-len(unique) // columns) > MOST_ROWS:
        legend.set_in_layout(False)  # rather run off the picture than squeeze the map to nothing


def _width_inches(ax: Axes) -> float:
    """The width that a map has to itself: the figure's, shared with the other panels of its row."""
    figure = ax.get_figure(root=True)
    grid = ax.get_gridspec()
    whole = float(figure.get_figwidth()) if figure is not None else 6.0
    return whole / (grid.ncols if grid is not None else 1)


def _ems(text: str) -> float:
    """About how wide a text is, in widths of a Chinese character."""
    return sum(1.0 if ord(sign) > 0x2E7F else 0.55 for sign in text)


def _cut(text: str, ems: float) -> str:
    """The text, or its beginning that fits and an ellipsis."""
    if _ems(text) <= ems:
        return text
    while text and _ems(text) > ems - 1:
        text = text[:-1]
    return f"{text}…"


def distinct(labels: Sequence[str]) -> list[str]:
    """The labels, those that come more than once with a number behind them; empty ones stay empty."""
    taken = {label for label in labels if labels.count(label) == 1}
    found = []
    for label in labels:
        if label and label not in taken:
            label = next(name for number in count(1) if (name := f"{label} {number}") not in taken)
            taken.add(label)
        found.append(label)
    return found
