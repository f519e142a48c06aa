"""The week as a workbook to print: summary, roster, a sheet per crew, sessions, phone lists, what is left.

A4, Chinese first. The same plan gives the same bytes.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter

from api.figures import cost_parts, figures_of
from api.week_sheets import (
    Cells,
    Week,
    attendee_rows,
    crew_title,
    left_rows,
    phone_rows,
    remedy_lines,
    roster_rows,
    session_left_rows,
    session_stops,
    stop_rows,
)
from optimizer.due import format_clock
from optimizer.model import SiteKind
from optimizer.plan import Crew, Left, Result, Status, StopKind
from optimizer.problem import Problem
from optimizer.tables import Draft

FONT = "Microsoft YaHei"
INK, TINT, LINE = "#22313F", "#E8EEF4", "#B8C4CF"
A4 = 9
PLAIN_CELLS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""A name that looks like a formula stays a name."""
LINE_POINTS, LEAST_ROW_POINTS = 13, 16
NOT_FEASIBLE = "计划不可行，请勿执行 NOT feasible: do not carry it out"
WARNING = "仅限工作使用，用后收回 For duty use only"


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a printed table: Chinese title, English title, width in characters."""

    zh: str
    en: str
    width: float


ROSTER = (
    Head("工作表", "sheet", 12), Head("时间", "when", 17), Head("团队", "team", 17), Head("队员", "members", 20),
    Head("车辆", "vehicle", 11), Head("出发", "out", 6.5), Head("返回", "back", 6.5), Head("巡诊", "sessions", 15),
    Head("入户", "homes", 6), Head("项数", "items", 6), Head("入户的村", "villages", 28),
)  # fmt: skip
STOPS = (
    Head("序", "no.", 4), Head("到达", "arrive", 7), Head("开始", "start", 7), Head("结束", "end", 7),
    Head("内容", "what", 18), Head("地点", "place", 24), Head("居民", "resident", 14), Head("电话", "phone", 14),
    Head("备注", "remark", 14),
)  # fmt: skip
ATTENDEES = (
    Head("序", "no.", 5), Head("居民", "resident", 15), Head("电话", "phone", 15), Head("住址", "address", 27),
    Head("项数", "items", 6), Head("请早到", "come before", 11),
)  # fmt: skip
PHONES = (
    Head("时间", "when", 17), Head("拨打人", "caller", 11), Head("居民", "resident", 13), Head("电话", "phone", 14),
    Head("村", "village", 16), Head("内容", "what", 10),
)  # fmt: skip
LEFT = (
    Head("编号", "id", 10), Head("优先", "priority", 6), Head("类别", "category", 11), Head("地点", "place", 15),
    Head("居民", "resident", 11), Head("电话", "phone", 13), Head("最早", "earliest", 11), Head("最晚", "latest", 11),
    Head("团队", "team", 16), Head("原因", "reason", 30),
)  # fmt: skip
SESSIONS_LEFT = (
    Head("场次", "session", 10), Head("地点", "place", 24), Head("团队", "team", 24), Head("原因", "reason", 40),
)  # fmt: skip
REASONS_WIDTH = 80
MOST_ON_LANDSCAPE = 18
"""A crew whose lists are longer gets an upright page."""
SESSIONS_PERCENT = 85
PAGE_POINTS = 740 * 100 // SESSIONS_PERCENT
"""What an upright A4 page holds in height between its margins at that scale, a little less to be safe."""
SMALLEST_ON_ONE_PAGE = 70
"""An overview of more lines than these would be too small on one page."""


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column; a Chinese character is as wide as two others."""
    units = sum(2 if ord(char) > 0x2E7F else 1 for char in text)
    return 1 + max(0, units - 1) // max(1, int(width))


class Book:
    """A workbook being written, with its styles."""

    def __init__(self, created: datetime, title: str, warning: str = "") -> None:
        self.warning = warning
        self.content = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.content, PLAIN_CELLS)
        self.book.set_properties({"title": title, "created": created})
        self.title = self._style(bold=True, font_size=16, font_color=INK)
        self.subtitle = self._style(bold=True, font_size=11, font_color=INK)
        self.plain = self._style()
        self.small = self._style(font_size=8, font_color="#66727D", text_wrap=True)
        self.head = self._style(bold=True, bg_color=TINT, border=1, border_color=LINE, text_wrap=True, align="center")
        self.cell = self._style(border=1, border_color=LINE, text_wrap=True)
        self.number = self._style(border=1, border_color=LINE, align="center")
        self.good = self._style(bold=True, font_color="#1B7F3B")
        self.bad_line = self._style(bold=True, font_size=12, font_color="#B3261E")
        self.bad = self._style(font_size=9, font_color="#B3261E", text_wrap=True)

    def _style(self, **values: object) -> Any:
        return self.book.add_format({"font_name": FONT, "font_size": 10, "valign": "vcenter", **values})

    def page(self, name: str, heads: Sequence[Head], *, landscape: bool) -> Any:
        """An empty A4 page with the widths of its table."""
        page = self.book.add_worksheet(name)
        page.set_paper(A4)
        if landscape:
            page.set_landscape()
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        page.fit_to_pages(1, 0)
        page.set_footer(f"&L&8{WARNING}&C&8&A&R&8第 &P 页，共 &N 页")
        if self.warning:
            page.set_header(f'&C&"{FONT},Bold"&11&KB3261E{self.warning}')
        page.hide_gridlines(2)
        for number, head in enumerate(heads):
            page.set_column(number, number, head.width)
        return page

    def table(self, page: Any, row: int, heads: Sequence[Head], rows: Iterable[Cells]) -> int:
        """A table with its head; gives the row after it. Rows are as high as their longest text needs."""
        for number, head in enumerate(heads):
            page.write_string(row, number, f"{head.zh}\n{head.en}".strip(), self.head)
        page.set_row(row, 28)
        for cells in rows:
            row += 1
            for number, value in enumerate(cells):
                if isinstance(value, int):
                    page.write_number(row, number, value, self.number)
                else:
                    page.write_string(row, number, value, self.cell)
            page.set_row(row, self.row_points(cells, heads))
        return row + 1

    def row_points(self, cells: Cells, heads: Sequence[Head]) -> int:
        """The height of a row."""
        lines = max(lines_of(str(value), head.width) for value, head in zip(cells, heads, strict=True))
        return max(LEAST_ROW_POINTS, LINE_POINTS * lines)

    def close(self) -> bytes:
        """The finished file."""
        self.book.close()
        return self.content.getvalue()


def week_workbook(draft: Draft, problem: Problem, result: Result) -> bytes:
    """The whole workbook."""
    week = Week(draft, problem, result)
    first, last = problem.days[0].date, problem.days[-1].date
    is_feasible = result.status is Status.FEASIBLE
    book = Book(datetime(first.year, first.month, first.day), f"{first} - {last}", "" if is_feasible else NOT_FEASIBLE)
    crews = week.crews()
    titles = {crew.id: crew_title(week, crew, number) for number, crew in enumerate(crews, start=1)}
    _summary(book, week)
    _simple(book, "排班", f"排班 Roster  {first} - {last}", ROSTER, roster_rows(week, titles))
    _sessions(book, week)
    _simple(book, "电话名单", "电话名单 Phone calls", PHONES, phone_rows(week), landscape=False)
    _left(book, week)
    for crew in crews:
        _crew(book, week, crew, titles[crew.id])
    return book.close()


def _simple(
    book: Book, name: str, title: str, heads: Sequence[Head], rows: Iterable[Cells], *, landscape: bool = True
) -> tuple[Any, int]:
    """A page that is one table; gives the page and the row after the table."""
    page = book.page(name, heads, landscape=landscape)
    page.write_string(0, 0, title, book.title)
    page.set_row(0, 26)
    row = book.table(page, 2, heads, rows)
    page.repeat_rows(2)
    page.freeze_panes(3, 0)
    return page, row


def _summary(book: Book, week: Week) -> None:
    heads = (Head("项目", "item", 28), Head("", "", 34), Head("数值", "figure", 14))
    page = book.page("总览", heads, landscape=False)
    problem, result = week.problem, week.result
    base = next((s.id for s in problem.sites if s.kind is SiteKind.BASE), "")
    days = f"{problem.days[0].date} - {problem.days[-1].date}"
    page.write_string(0, 0, f"{week.draft.labels.sites.get(base, '')} 一周安排 Week plan", book.title)
    page.set_row(0, 28)
    page.write_string(1, 0, days, book.subtitle)
    is_feasible = result.status is Status.FEASIBLE
    status = "计划符合全部规则 The plan keeps every rule" if is_feasible else NOT_FEASIBLE
    page.write_string(2, 0, status, book.good if is_feasible else book.bad_line)
    broken = [(f"{v.rule}  {v.message_zh}", f"{v.where}: {v.message_en}") for v in result.violations]
    row = _lines(book, page, 4, "不可行之处 Broken rules", broken, book.bad)
    row = _lines(book, page, row, "缺口 Shortages", [(s.message_zh, s.message_en) for s in result.shortages])
    figures: list[Cells] = [[f.name_zh, f.name_en, f.shown] for f in figures_of(problem, result.plan)]
    row = book.table(page, row, heads, figures)
    page.write_string(row + 1, 0, "代价 Cost (points; 1 = 1 秒路程 second of travel)", book.subtitle)
    parts: list[Cells] = [
        [part.title_zh, part.title_en, f"{part.points:,}"] for part in cost_parts(result.cost.parts) if part.points
    ]
    row = book.table(page, row + 2, heads, [*parts, ["合计", "total", f"{result.cost.total:,}"]])
    notes = [(f"{n.count} × {n.message_zh}", n.message_en) for n in week.draft.notes]
    row = _lines(book, page, row + 1, "数据说明 Notes on the data", notes)
    if row <= SMALLEST_ON_ONE_PAGE:
        page.fit_to_pages(1, 1)


def _lines(book: Book, page: Any, row: int, title: str, lines: Sequence[tuple[str, str]], style: Any = None) -> int:
    """A titled list of sentences; nothing when there are none."""
    if not lines:
        return row
    page.write_string(row, 0, title, book.subtitle)
    for zh, en in lines:
        row += 1
        page.merge_range(row, 0, row, 2, f"{zh}\n{en}", style or book.small)
        page.set_row(row, LINE_POINTS * (lines_of(zh, REASONS_WIDTH) + lines_of(en, REASONS_WIDTH)))
    return row + 2


def _sessions(book: Book, week: Week) -> None:
    """All held sessions with their lists, each under its own title; a list that fits a page is not torn apart."""
    page = book.page("巡诊安排", ATTENDEES, landscape=False)
    page.set_print_scale(SESSIONS_PERCENT)  # together with "fit to width" a page break would not count
    page.write_string(0, 0, "巡诊安排与名单 Sessions and who is expected", book.title)
    page.set_row(0, 26)
    row, used, breaks = 2, 60.0, []
    for crew, stop in session_stops(week):
        rows = list(attendee_rows(week, stop))
        height = 60.0 + sum(book.row_points(cells, ATTENDEES) for cells in rows)
        if used + height > PAGE_POINTS and row > 2:
            breaks.append(row)
            used = 0.0
        used += height
        start, end = format_clock(stop.start_seconds), format_clock(stop.end_seconds)
        members = "、".join(week.member(name) for name in crew.members)
        day = week.when(crew.half_days)[:8]
        page.write_string(row, 0, f"{week.site(stop.site)}  {day}  {start}-{end}  {members}", book.subtitle)
        row = book.table(page, row + 1, ATTENDEES, rows) + 1
    page.set_h_pagebreaks(breaks)
    page.print_area(0, 0, row, len(ATTENDEES) - 1)


def _left(book: Book, week: Week) -> None:
    plan = week.result.plan
    pages = (
        ("未安排", "窗口内未安排 Windows that will be missed", LEFT, left_rows(week, plan.unplanned), plan.unplanned),
        (
            "未举行巡诊",
            "未举行的巡诊 Sessions not held",
            SESSIONS_LEFT,
            session_left_rows(week),
            plan.sessions_not_held,
        ),
        ("延后", "延后到以后的周 Left for later weeks", LEFT, left_rows(week, plan.deferred), plan.deferred),
    )
    for name, title, heads, rows, left in pages:
        page, row = _simple(book, name, title, heads, rows)
        _remedies(book, page, row + 1, left, len(heads))


def _remedies(book: Book, page: Any, row: int, left: Sequence[Left], columns: int) -> None:
    """What the reasons of a list mean and what could be done, each once, under the list."""
    if not left:
        page.write_string(row, 0, "无 none", book.plain)
        return
    page.write_string(row, 0, "原因与可做 Reasons and what could be done", book.subtitle)
    for line in remedy_lines(left):
        row += 1
        page.merge_range(row, 0, row, columns - 1, line, book.small)
        page.set_row(row, LEAST_ROW_POINTS)


def _crew(book: Book, week: Week, crew: Crew, title: str) -> None:
    """One crew's page: who, with what, the stops in order, and the lists of its sessions."""
    expected = sum(len(stop.follow_ups) for stop in crew.stops if stop.kind is StopKind.SESSION)
    page = book.page(title, STOPS, landscape=expected <= MOST_ON_LANDSCAPE)
    page.repeat_rows(0)
    page.write_string(0, 0, f"{week.when(crew.half_days)}  {week.team(crew.team)}", book.title)
    page.set_row(0, 26)
    members = "  ".join(f"{week.member(name)} {week.member_phone(name)}".strip() for name in crew.members)
    page.write_string(1, 0, f"队员 members: {members}", book.plain)
    out, back = format_clock(crew.start_seconds), format_clock(crew.end_seconds)
    page.write_string(
        2, 0, f"车辆 vehicle: {week.vehicle(crew.vehicle)}   出发 out {out}   返回 back {back}", book.plain
    )
    row = book.table(page, 4, STOPS, stop_rows(week, crew))
    for stop in crew.stops:
        if stop.kind is StopKind.SESSION:
            page.write_string(row + 1, 0, f"巡诊名单 Expected at {week.site(stop.site)}", book.subtitle)
            row = _attendees(book, page, row + 2, week, crew, stop.session)


def _attendees(book: Book, page: Any, row: int, week: Week, crew: Crew, session: str) -> int:
    """The list of a session in the columns of the crew's page; the name takes three of them."""
    for column, head in ((0, "序"), (4, "请早到"), (5, "住址"), (6, "项数"), (7, "电话"), (8, "签到")):
        page.write_string(row, column, head, book.head)
    page.merge_range(row, 1, row, 3, "居民", book.head)
    for stop in crew.stops:
        if stop.session != session:
            continue
        for cells in attendee_rows(week, stop):
            row += 1
            place, name, phone, address, items, early = cells
            for column, value in ((0, place), (4, early), (5, address), (6, items), (7, phone), (8, "")):
                page.write(row, column, value, book.number if isinstance(value, int) else book.cell)
            page.merge_range(row, 1, row, 3, name, book.cell)
    return row + 1
