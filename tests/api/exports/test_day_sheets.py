"""Day sheets, read again with another reader: what has to stand there, and what must not."""

import re
from dataclasses import replace
from time import perf_counter

import pytest

from api.exports.day_sheets import day_sheets, sheet_picture
from api.exports.sheet_data import DEMO, phone_page, qr_code, sheets_data
from api.workbook import NOT_FEASIBLE
from optimizer.due import ROLES, follow_up_rules
from tests.api.exports.pdf import pages_of, reader_of
from tests.api.exports.weeks import (
    ADDRESS,
    NAMES,
    PHONE,
    PLAN_ID,
    SECRET_WORDS,
    SHEETS,
    VILLAGES,
    a_crowd,
    a_printed_week,
    many_crews,
)
from tests.builders import a_crew, a_home_stop, a_plan, clock


@pytest.fixture(scope="module")
def pages() -> list[str]:
    return pages_of(day_sheets(a_printed_week(), SHEETS))


def test_every_crew_has_its_own_a4_page(pages: list[str]) -> None:
    reader = reader_of(day_sheets(a_printed_week(), SHEETS))
    sizes = {(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in reader.pages}
    assert sizes == {(595, 842)}
    assert len(pages) == 3


def test_a_sheet_says_who_goes_when_with_what(pages: list[str]) -> None:
    words = ("健康随访", "周一11-23全天", "第01队", "万俟㛃、犇𬭎", "鲁G·$12$", "出发out08:00", "返回back13:12")
    assert all(word in pages[0] for word in (*words, "11:30-12:30", "巡诊箱patrolkit"))


def test_stops_stand_in_order_with_their_times_and_lunch_between(pages: list[str]) -> None:
    body = pages[0][pages[0].index("签名") :]
    places = [body.index(word) for word in ("08:10", "午休lunch", ADDRESS)]
    assert places == sorted(places)
    assert all(word in body for word in ("11:12", "12:30", "至13:00", "180"))


def test_rare_characters_and_signs_of_markup_are_printed_as_they_are(pages: list[str]) -> None:
    text = "".join(pages)
    assert all(sign in text for sign in "㛃𬭎䶮犇鄌郚")
    assert '#panic("boom")团队' in text
    assert VILLAGES["v1"] in text
    assert ADDRESS in text


def test_names_are_masked_and_of_phones_the_last_four_digits_are_left(pages: list[str]) -> None:
    text = "".join(pages)
    assert all(shown in text for shown in ("欧阳*", "𬭎*", "犇*", "*1234"))
    assert PHONE not in text
    assert not [name for name in NAMES.values() if name.replace(" ", "") in text]


def test_no_rule_no_role_and_no_diagnosis_is_printed(pages: list[str]) -> None:
    text = "".join(pages)
    rules = follow_up_rules().values()
    secret = {word for rule in rules for word in (rule.code, rule.title_zh, rule.title_en)} | set(ROLES.values())
    assert not [word for word in (*secret, *SECRET_WORDS) if re.sub(r"\s", "", word) in text]


def test_a_joint_visit_names_the_other_crew_on_both_sheets(pages: list[str]) -> None:
    assert "与03队会合" in pages[1]
    assert "与02队会合" in pages[2]


def test_invented_data_says_so_once_on_every_page_and_real_data_does_not(pages: list[str]) -> None:
    banner = re.sub(r"\s", "", DEMO)
    assert {page.count(banner) for page in (*pages, *pages_of(day_sheets(a_crowd(70), SHEETS)))} == {1}
    for week in (a_printed_week(), a_crowd(70, is_feasible=True)):
        real = pages_of(day_sheets(week, replace(SHEETS, is_demo=False)))
        assert not any(banner in page for page in real)


def test_an_infeasible_plan_says_so_on_every_sheet() -> None:
    bad = a_plan(crews=(a_crew(stops=(a_home_stop("home1", start=clock(8, 1)),)),))
    warning = re.sub(r"\s", "", NOT_FEASIBLE)
    assert all(warning in page for page in pages_of(day_sheets(a_printed_week(bad), SHEETS)))


def test_pages_are_counted_for_every_sheet_by_itself() -> None:
    pages = pages_of(day_sheets(a_crowd(70), SHEETS))
    assert len(pages) > 2
    assert all(f"第{number}页，共{len(pages)}页" in page for number, page in enumerate(pages, start=1))
    assert all("第1页，共1页" in page for page in pages_of(day_sheets(a_printed_week(), SHEETS)))


def test_everybody_expected_at_a_session_is_listed_and_the_head_is_repeated() -> None:
    pages = pages_of(day_sheets(a_crowd(70), SHEETS))
    assert sum(page.count("*1234") for page in pages) == 70
    assert all("签名" in page for page in pages)


def test_one_crew_can_be_printed_alone_and_keeps_its_number() -> None:
    (page,) = pages_of(day_sheets(a_printed_week(), SHEETS, ["c3"]))
    (number,) = [sheet["number"] for sheet in sheets_data(a_printed_week(), SHEETS, ["c3"])["sheets"]]
    assert f"第{number}队" in page


def test_a_resident_without_a_name_is_shown_by_the_id_of_the_source_without_a_personal_number() -> None:
    week = a_printed_week()
    week.draft.labels.residents.clear()
    week.draft.labels.resident_ids["resident-home1"] = "37078519510101001X"
    assert "370***********001X" in pages_of(day_sheets(week, SHEETS))[0]


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert day_sheets(a_printed_week(), SHEETS) == day_sheets(a_printed_week(), SHEETS)


def test_a_sheet_has_a_qr_code_only_where_the_phone_page_is_known() -> None:
    with_code, without = (sheets_data(a_printed_week(), replace(SHEETS, base_url=url)) for url in ("http://a/", ""))
    assert all(sheet["qr"].startswith("<svg") for sheet in with_code["sheets"])
    assert not any(sheet["qr"] for sheet in without["sheets"])
    assert with_code["sheets"][0]["qr"] == qr_code(f"http://a/plans/{PLAN_ID}/crews/{'c1'}")


def test_the_address_of_the_phone_page_is_safe_with_any_id() -> None:
    assert phone_page("https://a/b/", "p", "../x y?#") == "https://a/b/plans/p/crews/..%2Fx%20y%3F%23"


def test_only_the_fonts_of_the_house_are_used() -> None:
    reader = reader_of(day_sheets(a_printed_week(), SHEETS))
    fonts = {str(font["/BaseFont"]) for page in reader.pages for font in page["/Resources"]["/Font"].values()}
    assert fonts
    assert all("NotoSansSC" in font for font in fonts)


def test_a_sheet_can_be_seen_as_a_picture() -> None:
    assert sheet_picture(a_printed_week(), SHEETS, "c1").startswith(b"\x89PNG")


def test_many_sheets_in_one_run_cost_no_more_than_many_runs() -> None:
    week = many_crews(12)
    ids = [crew.id for crew in week.crews()]
    day_sheets(week, SHEETS, ids[:1])  # the fonts are read once
    started = perf_counter()
    together = day_sheets(week, SHEETS)
    between = perf_counter()
    for name in ids[:3]:
        day_sheets(week, SHEETS, [name])
    assert len(pages_of(together)) == 12
    assert between - started < 1.5 * 4 * (perf_counter() - between)
