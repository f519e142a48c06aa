"""The printed week: every served resident is on a crew's sheet, nothing there tells a diagnosis."""

import io
from pathlib import Path

import openpyxl
import pytest

from api.planning import Prepared, prepare
from api.week_sheets import Week, crew_title, reasons
from api.workbook import lines_of, week_workbook
from optimizer.check import check
from optimizer.documents import plan_from_json
from optimizer.due import follow_up_rules
from optimizer.plan import Left, Result, Status
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
        assert all(text in texts[sheet] for one in left for text in reasons(one)[:2])


def test_the_same_plan_gives_the_same_bytes(prepared: Prepared, result: Result) -> None:
    args = prepared.draft, prepared.problem, result
    assert week_workbook(*args) == week_workbook(*args)


def test_sheet_names_are_legal_and_different(prepared: Prepared, result: Result) -> None:
    week = Week(prepared.draft, prepared.problem, result)
    titles = [crew_title(week, crew, number) for number, crew in enumerate(week.crews())]
    assert len(set(titles)) == len(titles)
    assert all(len(title) <= 31 and not set(title) & set("[]:*?/\\") for title in titles)


def test_reasons_name_rule_and_remedy() -> None:
    zh, en, remedy = reasons(Left("x", ("NO_ROOM", "UNKNOWN_CODE")))
    assert (zh, en) == ("本周已无余量", "No room left this week")
    assert remedy


@pytest.mark.parametrize(("text", "lines"), [("", 1), ("abc", 1), ("柳家庄", 1), ("柳家庄村" * 3, 3)])
def test_rows_are_as_high_as_their_text(text: str, lines: int) -> None:
    assert lines_of(text, 10) == lines
