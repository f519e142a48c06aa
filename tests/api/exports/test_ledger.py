"""The ledger, read again with another reader: one line for every planned follow-up, and no formula."""

import io
from typing import Any

import openpyxl
import pytest

from api.exports.ledger import HEADS, OUTCOMES, ledger
from api.exports.sheet_data import DEMO
from api.workbook import NOT_FEASIBLE
from optimizer.due import follow_up_rules
from tests.api.exports.weeks import NAMES, PHONE, SECRET_WORDS, VILLAGES, a_crowd, a_printed_week

ZH = [head.zh for head in HEADS]


@pytest.fixture(scope="module")
def book() -> Any:
    return openpyxl.load_workbook(io.BytesIO(ledger(a_printed_week(), is_demo=True)))


def rows_of(page: Any) -> list[dict[str, str]]:
    """The lines of a sheet, by the Chinese head of their column."""
    rows = [[cell or "" for cell in row] for row in page.iter_rows(min_row=4, values_only=True)]
    return [dict(zip(ZH, row, strict=True)) for row in rows if row[ZH.index("编号")]]


def test_every_planned_follow_up_has_a_line_and_a_joint_one_has_one_for_each_crew(book: Any) -> None:
    ids = sorted(row["编号"] for row in rows_of(book["台账"]))
    assert ids == ["home1", "joint1", "joint1", "patrol1", "phone1"]


def test_a_line_says_when_how_who_and_where_and_leaves_the_outcome_empty(book: Any) -> None:
    row = next(row for row in rows_of(book["台账"]) if row["编号"] == "home1")
    assert row == {
        "日期": "2026-11-23 周一", "时间": "12:30", "方式": "入户", "队": "周一全天 01", "队员": "万俟㛃、犇𬭎",
        "村": VILLAGES["v1"], "居民": "欧阳*", "电话": "*1234", "编号": "home1", "结果": "",
        "完成日期": "", "下次日期": "", "签名": "",
    }  # fmt: skip


def test_lines_stand_in_order_of_time(book: Any) -> None:
    rows = [(row["日期"], row["时间"]) for row in rows_of(book["台账"]) if row["方式"] != "电话"]
    assert rows == sorted(rows)


def test_every_village_and_every_member_has_its_own_list(book: Any) -> None:
    assert len(rows_of(book["按村"])) == len(rows_of(book["台账"]))
    assert len(rows_of(book["按队员"])) == 2 + 2 + 4 + 1
    bands = [str(row[0]) for row in book["按村"].iter_rows(values_only=True) if row[0]]
    assert any(text.startswith(VILLAGES["v1"]) and "巡诊 1" in text and "入户 1" in text for text in bands)
    assert len(book["按村"].row_breaks.brk) == 1


def test_no_cell_is_a_formula_or_a_link(book: Any) -> None:
    for page in book.worksheets:
        cells = [cell for row in page.iter_rows() for cell in row]
        assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert any(str(row["村"]).startswith("=") for row in rows_of(book["台账"]))


def test_no_full_name_no_number_and_no_reason_is_in_it(book: Any) -> None:
    words = [str(cell) for page in book.worksheets for row in page.iter_rows(values_only=True) for cell in row if cell]
    rules = follow_up_rules().values()
    secret = [PHONE, *NAMES.values(), *SECRET_WORDS, *(rule.title_zh for rule in rules), *(rule.code for rule in rules)]
    assert not [word for word in secret for text in words if word in text and text not in VILLAGES.values()]


def test_heads_are_in_both_languages_and_repeated_on_every_printed_page(book: Any) -> None:
    for page in book.worksheets:
        heads = [str(cell.value) for cell in page[3]]
        assert heads == [f"{head.zh}\n{head.en}" for head in HEADS]
        assert page.print_title_rows == "$3:$3"
        assert (str(page.page_setup.paperSize), page.page_setup.orientation) == ("9", "landscape")


def test_the_columns_fit_the_width_of_the_paper() -> None:
    assert sum(head.width for head in HEADS) <= 140


def test_the_outcome_is_chosen_from_a_list(book: Any) -> None:
    (rule,) = book["台账"].data_validations.dataValidation
    assert rule.formula1 == f'"{",".join(OUTCOMES)}"'
    assert str(rule.sqref) == "J4:J8"


def test_invented_data_and_an_infeasible_plan_are_told_on_every_page(book: Any) -> None:
    assert all(DEMO in str(page.oddHeader.center.text) for page in book.worksheets)
    bad = openpyxl.load_workbook(io.BytesIO(ledger(a_crowd(5))))
    assert all(NOT_FEASIBLE in str(page.oddHeader.center.text) for page in bad.worksheets)


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert ledger(a_printed_week()) == ledger(a_printed_week())
