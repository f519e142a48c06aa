"""What was found and done while a list of places was cleaned: notes by row, and their sums."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

NOTE_TEXTS = {
    "no-id": ("缺少编号，已按行号编号", "had no id and got one from its row"),
    "same-id": ("编号重复，已合并到首次出现的一行", "repeats an id and was merged into its first row"),
    "same-place": (
        "同村同名且距离很近，已合并",
        "has the name and village of a place beside it and was merged into it",
    ),
    "alias": ("地名的替代写法，已还原", "used a substitute spelling, the proper one was put in"),
    "code-shape": ("村代码不是 12 位数字，请核对", "has a village code that is not 12 digits; check it"),
    "bad-number": ("坐标不是数字，按缺失处理", "has a coordinate that is no number; taken as missing"),
    "half-pair": ("经纬度只有一个，按缺失处理", "has only one of latitude and longitude; taken as missing"),
    "out-of-range": ("坐标超出范围，按缺失处理", "has coordinates outside the globe or at zero; taken as missing"),
    "swapped": (
        "经度与纬度疑似颠倒，未自动更正，按缺失处理",
        "seems to have latitude and longitude swapped; taken as missing",
    ),
    "centroid": ("缺少坐标，暂用村中心", "has no coordinates and stands at the middle of its village"),
    "unlocated": ("缺少坐标，也找不到村中心", "has no coordinates, and the middle of its village is unknown"),
}
"""Code of a note, and what it says about the place in Chinese and English."""


@dataclass(frozen=True, slots=True)
class PlaceNote:
    """One finding: row counts from 1 under the header; `value` is what stood there."""

    code: str
    row: int
    place_id: str
    value: str = ""

    def __str__(self) -> str:
        chinese, english = NOTE_TEXTS[self.code]
        found = f" ({self.value})" if self.value else ""
        return f"第 {self.row} 行 / row {self.row}, {self.place_id}: {chinese} / {english}{found}"


@dataclass(frozen=True, slots=True)
class PlacesReport:
    """All notes in the order of the work, and how many rows came in and went out."""

    rows_read: int
    rows_kept: int
    notes: tuple[PlaceNote, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Number of notes by code."""
        return dict(Counter(note.code for note in self.notes))

    def summary(self) -> str:
        """A line for the whole and one for each kind of note, in Chinese and English."""
        lines = [
            f"读入 {self.rows_read} 行，保留 {self.rows_kept} 个地点 / {self.rows_read} rows, {self.rows_kept} places"
        ]
        for code, count in self.counts.items():
            chinese, english = NOTE_TEXTS[code]
            lines.append(f"{count} × {chinese} / {english}")
        return "\n".join(lines)
