"""Day sheets as PDF: one page set per crew, all in one run of the typesetter, with fonts that come with the house."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst

from api.exports.sheet_data import SheetOptions, sheets_data
from api.week_sheets import Week

TEMPLATE = Path(__file__).with_name("day_sheets.typ")
SCREEN_DOTS_PER_INCH = 110.0


def day_sheets(week: Week, options: SheetOptions, crews: Iterable[str] | None = None) -> bytes:
    """The sheets of all crews, or of some, as one PDF."""
    first = week.problem.days[0].date
    moment = datetime(first.year, first.month, first.day, tzinfo=UTC)
    text = json.dumps(sheets_data(week, options, crews), ensure_ascii=False)
    return typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"data": text},
        timestamp=moment,
        pdf_tags=False,  # for paper; tags would make the file five times as large
    )


def sheet_picture(week: Week, options: SheetOptions, crew: str) -> bytes:
    """The first page of a crew's sheet as a picture in PNG."""
    text = json.dumps(sheets_data(week, options, (crew,)), ensure_ascii=False)
    pages: list[bytes] | bytes = typst.compile(
        TEMPLATE.read_bytes(), format="png", font_paths=_fonts(), sys_inputs={"data": text}, ppi=SCREEN_DOTS_PER_INCH
    )
    return pages[0] if isinstance(pages, list) else pages


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The fonts of one folder, read once; those of the machine are not looked at."""
    folder = str(pylopdf_fonts_zh_cn.sans_path().parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
