"""The printed week: every served resident is on a crew's sheet, nothing there tells a diagnosis."""

import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from api.planning import Prepared, prepare
from api.week_sheets import Week, crew_title, reasons, remedy_lines
from api.workbook import NOT_FEASIBLE, lines_of, week_workbook
from optimizer.check import check
from optimizer.documents import plan_from_json
from optimizer.due import follow_up_rules
from optimizer.plan import Left, Result, Status, Violation
from optimizer.rules import RULES
from optimizer.tables.privacy import masked
from tests.api.conftest import WEEK

LEADER_SHEETS = ("总览", "未安排", "延后", "未举行巡诊")


@pytest.fixture(scope="module")
def prepared(demo_folder: Path) -> Prepared:
    return prepare(demo_folder, WEEK)


@pytest.fixture(scope="module")
def result(prepared: Prepared, planned_folder: Path) -> Result:
    plan = plan_from_json((planned_folder / "plan.json").read_text(encoding="utf-8"))
    verdict = check(prepared.problem, plan)
    return Result(plan, Status.FEASIBLE, verdict.cost, verdict.violations)


@pytest.fixture(scope="module")
def texts(prepared: Prepared, result: Result) -> dict[str, list[str]]:
    content = week_workbook(prepared.draft, prepared.problem, result)
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        page.title: [str(value) for row in page.iter_rows(values_only=True) for value in row if value is not None]
        for page in book.worksheets
    }


def test_there_is_a_sheet_for_every_crew(texts: dict[str, list[str]], result: Result) -> None:
    common = {*LEADER_SHEETS, "排班", "巡诊安排", "电话名单"}
    assert common <= set(texts)
    assert len(texts) == len(common) + len(result.plan.crews)
    assert result.plan.crews


def test_every_resident_served_is_on_a_crew_sheet_or_the_phone_list(
    texts: dict[str, list[str]], prepared: Prepared, result: Result
) -> None:
    outside = {text for name, words in texts.items() if name not in LEADER_SHEETS for text in words}
    served = {item for crew in result.plan.crews for stop in crew.stops for item in stop.follow_ups}
    served |= {call.follow_up for call in result.plan.phone_calls}
    names = {prepared.draft.labels.residents[item].name for item in served}
    assert names <= outside


def test_no_rule_and_no_category_is_on_the_sheets_that_crews_carry(texts: dict[str, list[str]]) -> None:
    rules = follow_up_rules().values()
    secret = {word for rule in rules for word in (rule.code, rule.title_zh, rule.category_zh, rule.title_en)}
    for name, words in texts.items():
        if name not in LEADER_SHEETS:
            assert not secret & set(words), name
            assert not any(word in text for text in words for word in ("高血压", "糖尿病", "专项", "结核", "精神")), (
                name
            )


def test_what_is_left_is_listed_with_reasons_in_both_languages(texts: dict[str, list[str]], result: Result) -> None:
    for left, sheet in ((result.plan.unplanned, "未安排"), (result.plan.deferred, "延后")):
        assert all(one.id in texts[sheet] for one in left)
        assert all(reasons(one) in texts[sheet] for one in left)
        assert set(remedy_lines(left)) <= set(texts[sheet])


def test_the_same_plan_gives_the_same_bytes(prepared: Prepared, result: Result) -> None:
    args = prepared.draft, prepared.problem, result
    assert week_workbook(*args) == week_workbook(*args)


def test_sheet_names_are_legal_and_different(prepared: Prepared, result: Result) -> None:
    week = Week(prepared.draft, prepared.problem, result)
    titles = [crew_title(week, crew, number) for number, crew in enumerate(week.crews())]
    assert len(set(titles)) == len(titles)
    assert all(len(title) <= 31 and not set(title) & set("[]:*?/\\") for title in titles)


def test_every_reason_of_a_list_is_explained_once_in_both_languages_with_a_remedy() -> None:
    left = [Left("x", ("NO_ROOM", "UNKNOWN_CODE")), Left("y", ("NO_ROOM",))]
    rule = RULES["NO_ROOM"]
    assert reasons(left[0]) == rule.title_zh
    (line,) = remedy_lines(left)
    assert all(text in line for text in (rule.title_zh, rule.title_en, rule.remedy_zh, rule.remedy_en, "（2）"))


def test_an_infeasible_plan_says_so_on_every_page_and_names_its_rules_first(prepared: Prepared, result: Result) -> None:
    broken = Violation("SESSION_REQUIRED", "session S1", "应举行", "has to be held")
    bad = replace(result, status=Status.INFEASIBLE, violations=(broken,))
    book = openpyxl.load_workbook(io.BytesIO(week_workbook(prepared.draft, prepared.problem, bad)))
    assert all(NOT_FEASIBLE in str(page.oddHeader.center.text) for page in book.worksheets)
    cells = [str(row[0]) for row in book["总览"].iter_rows(values_only=True) if row[0]]
    assert cells[2] == NOT_FEASIBLE
    told = next(place for place, text in enumerate(cells) if "SESSION_REQUIRED" in text)
    assert told < cells.index("本周可安排随访")


def test_a_feasible_plan_carries_no_warning(prepared: Prepared, result: Result) -> None:
    book = openpyxl.load_workbook(io.BytesIO(week_workbook(prepared.draft, prepared.problem, result)))
    assert not any(page.oddHeader.center.text for page in book.worksheets)


def test_every_page_is_a4_numbered_and_as_wide_as_the_paper(prepared: Prepared, result: Result) -> None:
    book = openpyxl.load_workbook(io.BytesIO(week_workbook(prepared.draft, prepared.problem, result)))
    for page in book.worksheets:
        assert str(page.page_setup.paperSize) == "9", page.title
        assert "第" in str(page.oddFooter.right.text), page.title
        is_fitted = page.sheet_properties.pageSetUpPr is not None and page.sheet_properties.pageSetUpPr.fitToPage
        assert is_fitted or (page.title == "巡诊安排" and page.page_setup.scale < 100), page.title


def test_a_page_of_sessions_begins_with_a_title(prepared: Prepared, result: Result) -> None:
    page = openpyxl.load_workbook(io.BytesIO(week_workbook(prepared.draft, prepared.problem, result)))["巡诊安排"]
    sites = [
        prepared.draft.labels.sites[stop.site] for crew in result.plan.crews for stop in crew.stops if stop.session
    ]
    assert len(sites) > 1
    for broken in page.row_breaks.brk:
        assert any(str(page.cell(broken.id + 1, 1).value).startswith(site) for site in sites)


def test_a_resident_without_a_name_is_shown_by_the_source_id_without_the_middle_of_a_personal_number() -> None:
    assert masked("37078519510101001X") == "370***********001X"
    assert masked("13800000001") == "138****0001"
    assert masked("R-17") == "R-17"


@pytest.mark.parametrize(("text", "lines"), [("", 1), ("abc", 1), ("柳家庄", 1), ("柳家庄村" * 3, 3)])
def test_rows_are_as_high_as_their_text(text: str, lines: int) -> None:
    assert lines_of(text, 10) == lines


def test_a_name_that_looks_like_a_formula_stays_a_name(prepared: Prepared, result: Result) -> None:
    people = {key: replace(person, name="=1+1") for key, person in prepared.draft.labels.residents.items()}
    labels = replace(prepared.draft.labels, residents=people)
    content = week_workbook(replace(prepared.draft, labels=labels), prepared.problem, result)
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == "=1+1" for cell in cells)
    assert [cell.coordinate for cell in cells if cell.data_type == "f" and cell.value == "=1+1"] == []
