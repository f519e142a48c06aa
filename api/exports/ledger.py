"""The ledger of a week (台账) as a workbook: a line for every planned follow-up, with empty columns for its outcome.

Names are masked, no rule and no diagnosis is named; all text is written as text, so that no cell is ever a formula.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from api.exports.masks import masked_phone
from api.exports.sheet_data import DEMO, shown_name
from api.week_sheets import HALVES_ZH, Cells, Week, crew_title
from api.workbook import LINE_POINTS, NOT_FEASIBLE, Book, Head
from optimizer.calendar import day_of, half_of
from optimizer.due import format_clock
from optimizer.plan import Crew, Status, Stop, StopKind
from optimizer.tables.half_days import weekday_name

CHANNELS = ("入户", "巡诊", "电话")
OUTCOMES = ("已访", "未见", "失访", "拒访", "过访", "其他")
HEADS = (
    Head("日期", "date", 15), Head("时间", "time", 7), Head("方式", "channel", 8), Head("队", "crew", 12),
    Head("队员", "members", 13), Head("村", "village", 14), Head("居民", "resident", 10), Head("电话", "phone", 9),
    Head("编号", "id", 11), Head("结果", "outcome", 9), Head("完成日期", "done on", 11),
    Head("下次日期", "next on", 11), Head("签名", "signature", 10),
)  # fmt: skip
OUTCOME_COLUMN = next(number for number, head in enumerate(HEADS) if head.en == "outcome")
EMPTY = ["", "", "", ""]
"""What people fill in after the visit."""
PRINT_PERCENT = 88
BAND_POINTS = 22


@dataclass(frozen=True, slots=True)
class Line:
    """One planned follow-up with what the sheets are sorted and grouped by."""

    day: date
    start_seconds: int
    channel: str
    crew: str
    members: tuple[str, ...]
    village: str
    resident: str
    phone: str
    follow_up: str
    clock: str
    """The time as it is shown: of a call only the half-day is planned."""


def ledger(week: Week, *, is_demo: bool = False) -> bytes:
    """The ledger as a workbook: by time, by village, by member."""
    lines = ledger_lines(week)
    first, last = week.problem.days[0].date, week.problem.days[-1].date
    banners = [DEMO] if is_demo else []
    if week.result.status is not Status.FEASIBLE:
        banners.append(NOT_FEASIBLE)
    title = f"随访台账 Follow-up ledger  {first} - {last}"
    book = Book(datetime(first.year, first.month, first.day), title, "  ".join(banners))
    _by_time(book, title, lines, week)
    _grouped(book, "按村", f"按村 By village  {first} - {last}", lines, week, lambda line: (line.village,))
    _grouped(book, "按队员", f"按队员 By member  {first} - {last}", lines, week, lambda line: line.members)
    return book.close()


def ledger_lines(week: Week) -> list[Line]:
    """Every planned follow-up of the week in order of time; a joint visit once for each of its crews."""
    lines = [line for number, crew in enumerate(week.crews(), start=1) for line in _of_crew(week, crew, number)]
    lines += _of_calls(week)
    return sorted(lines, key=lambda line: (line.day, line.start_seconds, line.crew, line.follow_up))


def _of_crew(week: Week, crew: Crew, number: int) -> Iterator[Line]:
    title = crew_title(week, crew, number)
    for stop in crew.stops:
        for name in stop.follow_ups:
            yield _line(week, crew, title, stop, name)


def _line(week: Week, crew: Crew, title: str, stop: Stop, name: str) -> Line:
    return Line(
        day=week.problem.days[day_of(crew.half_days[0])].date,
        start_seconds=stop.start_seconds,
        channel=CHANNELS[0] if stop.kind is StopKind.HOME else CHANNELS[1],
        crew=title,
        members=crew.members,
        village=week.site(week.item(name).site),
        resident=shown_name(week, week.item(name)),
        phone=masked_phone(week.person(name).phone),
        follow_up=name,
        clock=format_clock(stop.start_seconds),
    )


def _of_calls(week: Week) -> Iterator[Line]:
    for call in week.result.plan.phone_calls:
        half = half_of(call.half_day)
        yield Line(
            day=week.problem.days[day_of(call.half_day)].date,
            start_seconds=half * 43_200,
            channel=CHANNELS[2],
            crew="",
            members=(call.member,),
            village=week.site(week.item(call.follow_up).site),
            resident=shown_name(week, week.item(call.follow_up)),
            phone=masked_phone(week.person(call.follow_up).phone),
            follow_up=call.follow_up,
            clock=HALVES_ZH[half],
        )


def _cells(week: Week, line: Line) -> Cells:
    return [
        f"{line.day} {weekday_name(line.day)}",
        line.clock,
        line.channel,
        line.crew,
        "、".join(week.member(name) for name in line.members),
        line.village,
        line.resident,
        line.phone,
        line.follow_up,
        *EMPTY,
    ]


def _page(book: Book, name: str, title: str) -> Any:
    page = book.page(name, HEADS, landscape=True)
    page.set_print_scale(PRINT_PERCENT)  # together with "fit to width" page breaks would not count
    page.write_string(0, 0, title, book.title)
    page.set_row(0, 26)
    page.repeat_rows(2)
    page.freeze_panes(3, 0)
    return page


def _by_time(book: Book, title: str, lines: Sequence[Line], week: Week) -> None:
    page = _page(book, "台账", title)
    row = book.table(page, 2, HEADS, (_cells(week, line) for line in lines))
    page.autofilter(2, 0, max(row - 1, 2), len(HEADS) - 1)
    _ask_for_outcomes(page, 3, row - 1)


def _grouped(
    book: Book, name: str, title: str, lines: Sequence[Line], week: Week, keys: Callable[[Line], tuple[str, ...]]
) -> None:
    """One list after another, each under a band with its counts and on a page of its own."""
    page = _page(book, name, title)
    groups: dict[str, list[Line]] = {}
    for line in lines:
        for key in keys(line):
            groups.setdefault(key, []).append(line)
    row, breaks = book.table(page, 2, HEADS, ()), []
    for number, (key, members) in enumerate(sorted(groups.items(), key=lambda pair: _shown(week, name, pair[0]))):
        breaks += [row] if number else []
        page.write_string(row, 0, f"{_shown(week, name, key)}  {_counts(members)}", book.subtitle)
        page.set_row(row, BAND_POINTS)
        first = row + 1
        row = _rows(book, page, first, members, week)
        _ask_for_outcomes(page, first, row - 1)
    page.set_h_pagebreaks(breaks)


def _shown(week: Week, name: str, key: str) -> str:
    return week.member(key) if name == "按队员" else key


def _counts(lines: Sequence[Line]) -> str:
    counts = Counter(line.channel for line in lines)
    return "  ".join(f"{channel} {counts[channel]}" for channel in CHANNELS if counts[channel])


def _rows(book: Book, page: Any, row: int, lines: Sequence[Line], week: Week) -> int:
    """The lines without a head; gives the row after them."""
    for line in lines:
        cells = _cells(week, line)
        for column, value in enumerate(cells):
            page.write_string(row, column, str(value), book.cell)
        page.set_row(row, max(book.row_points(cells, HEADS), LINE_POINTS + 5))
        row += 1
    return row


def _ask_for_outcomes(page: Any, first: int, last: int) -> None:
    """A list to choose from in the column of outcomes."""
    if last >= first:
        rule = {"validate": "list", "source": list(OUTCOMES), "ignore_blank": True}
        page.data_validation(first, OUTCOME_COLUMN, last, OUTCOME_COLUMN, rule)
