"""Documents say exactly what the values say, and a wrong one is refused with every fault."""

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from optimizer.check import check
from optimizer.documents import (
    plan_from_json,
    plan_to_json,
    problem_from_json,
    problem_to_json,
    result_to_json,
    schema_texts,
)
from optimizer.documents.__main__ import SCHEMA_FOLDER, main
from optimizer.documents.reading import ADVICE
from optimizer.errors import DocumentFaults, Fault, ProblemFaults
from optimizer.model import (
    Channel,
    DatedWindow,
    FollowUp,
    HomeMedicalGate,
    Joint,
    OrderClass,
    Parameters,
    Pin,
    ServiceClass,
    Skill,
    StaffNeed,
    TimeWindow,
)
from optimizer.plan import Crew, Left, Lunch, PhoneCall, Plan, Result, Shortage, Status, Stop, StopKind
from optimizer.problem import Problem
from optimizer.weights import Weights
from tests.builders import (
    MONDAY,
    a_member,
    a_plan,
    a_problem,
    a_session,
    a_site,
    an_option,
    clock,
    some_sites,
    week_day,
)

WORDS = st.text(st.characters(codec="utf-8"), max_size=5)
NUMBERS = st.integers(-(2**31), 2**53)
NEEDS = st.lists(st.builds(StaffNeed, st.integers(1, 3), st.just(("GP", "䶮"))), max_size=2).map(tuple)
ITEMS = st.builds(
    FollowUp,
    id=st.uuids().map(str),
    resident=WORDS.filter(bool),
    site=st.sampled_from(["h1", "h2", "h3"]),
    rule=WORDS,
    earliest=st.just(MONDAY),
    due=st.just(week_day(1)),
    latest=st.dates(week_day(1)),
    channels=st.builds(lambda minutes, needs: (an_option(minutes=minutes, needs=needs),), st.integers(1, 99), NEEDS),
    household=WORDS,
    hard_end=st.booleans(),
    deadline_seconds=st.none() | st.integers(0, 86_400),
    patrol_sites=st.sampled_from([(), ("v1",), ("v2", "v1")]),
    time_windows=st.sampled_from([(), (TimeWindow(0, 5),), (TimeWindow(0, 5, 6), TimeWindow(7, 8))]),
    resident_windows=st.sampled_from([(), (DatedWindow(MONDAY, 0, 5),)]),
    priority=st.integers(0, 3),
    order_class=st.sampled_from(OrderClass),
    preferred_members=st.sampled_from([(), ("gp1", "nurse2")]),
    joint=st.none() | st.builds(Joint, NEEDS),
    service_class=st.sampled_from(ServiceClass),
    gate=st.none() | st.builds(HomeMedicalGate, st.booleans(), st.booleans(), st.booleans()),
)
TEXTS = st.lists(WORDS, max_size=2).map(tuple)
STOPS = st.builds(Stop, st.sampled_from(StopKind), WORDS, TEXTS, NUMBERS, NUMBERS, NUMBERS, WORDS)
CREWS = st.builds(
    Crew,
    WORDS,
    st.lists(NUMBERS, max_size=2).map(tuple),
    TEXTS,
    WORDS,
    WORDS,
    NUMBERS,
    NUMBERS,
    st.lists(STOPS, max_size=2).map(tuple),
    st.none() | st.builds(Lunch, NUMBERS, NUMBERS),
)
LEFTS = st.lists(st.builds(Left, WORDS, TEXTS), max_size=2).map(tuple)
CALLS = st.lists(st.builds(PhoneCall, WORDS, WORDS, NUMBERS), max_size=2).map(tuple)
PLANS = st.builds(Plan, st.lists(CREWS, max_size=2).map(tuple), CALLS, LEFTS, LEFTS, LEFTS)


def are_alike(first: Problem, second: Problem) -> bool:
    """Whether two problems are equal, their matrices cell by cell."""
    for field in fields(Problem):
        if field.name != "travel" and getattr(first, field.name) != getattr(second, field.name):
            return False
    modes, others = first.travel.modes, second.travel.modes
    return (
        first.travel.snow_percent == second.travel.snow_percent
        and list(modes) == list(others)
        and all(np.array_equal(modes[mode].seconds, others[mode].seconds) for mode in modes)
        and all(np.array_equal(modes[mode].metres, others[mode].metres) for mode in modes)
    )


def faults_of_document(read: Callable[[str], Any], text: str) -> tuple[Fault, ...]:
    """The faults with which a document is refused."""
    with pytest.raises(DocumentFaults) as caught:
        read(text)
    return caught.value.faults


def changed(**parts: Any) -> str:
    """The hand-made problem's document with other fields; a field that is ... is taken out."""
    content = json.loads(problem_to_json(a_problem())) | parts
    return json.dumps({name: value for name, value in content.items() if value is not ...})


@given(plan=PLANS)
def test_a_plan_comes_back_as_it_was(plan: Plan) -> None:
    assert plan_from_json(plan_to_json(plan)) == plan


@given(items=st.lists(ITEMS, max_size=3), earlier=st.none() | PLANS, points=st.integers(0, 2**40), strict=st.booleans())
def test_a_problem_comes_back_as_it_was(items: list[FollowUp], earlier: Plan | None, points: int, strict: bool) -> None:
    problem = a_problem(
        follow_ups=tuple(items),
        earlier=earlier,
        weights=Weights(unplanned=(points, 3, 2, 1), neighbour=points),
        parameters=Parameters(setup_seconds=77, strict_order_classes=strict),
        members=(a_member(skills=(Skill("SMD", MONDAY), Skill("TCM"))), a_member("nurse1"), a_member("nurse2")),
        sessions=(a_session(usual_half_day=3, is_law=True),),
        pins=tuple(Pin(item.id, Channel.HOME, 1, None, ("gp1",), clock(9)) for item in items),
    )
    text = problem_to_json(problem)
    read = problem_from_json(text)
    assert are_alike(read, problem)
    assert problem_to_json(read) == text


def test_coordinates_come_back_to_the_last_bit() -> None:
    sites = (*some_sites(), a_site("v3", latitude=0.1 + 0.2, longitude=118.80000000000001))
    read = problem_from_json(problem_to_json(a_problem(sites=sites, minutes=range(7))))
    assert read.sites == sites


def test_large_matrices_are_packed_and_come_back() -> None:
    sites = (*some_sites(), *(a_site(f"x{number}") for number in range(54)))
    problem = a_problem(sites=sites, minutes=range(60))
    content = json.loads(problem_to_json(problem))
    assert content["travel"]["modes"]["car"]["seconds"]["shape"] == [60, 60]
    assert are_alike(problem_from_json(problem_to_json(problem)), problem)
    content["travel"]["modes"]["car"]["seconds"] = problem.travel.modes["car"].seconds.tolist()
    assert are_alike(problem_from_json(json.dumps(content)), problem)


def test_numbers_of_numpy_are_written_as_numbers() -> None:
    plan = Plan(phone_calls=(PhoneCall("f", "m", np.int64(3)),))  # type: ignore[arg-type] # a search may leave one
    assert plan_from_json(plan_to_json(plan)).phone_calls == (PhoneCall("f", "m", 3),)


def test_what_is_not_given_keeps_its_default() -> None:
    read = problem_from_json(changed(parameters=..., weights={"travel_second": 5}, pins=..., earlier=...))
    assert read.parameters == Parameters()
    assert read.weights == Weights(travel_second=5)


def test_a_byte_order_mark_is_no_fault() -> None:
    assert are_alike(problem_from_json("\ufeff" + changed()), a_problem())


def site(**overrides: Any) -> dict[str, Any]:
    """The problem's sites, the first with other fields."""
    sites = json.loads(problem_to_json(a_problem()))["sites"]
    return {"sites": [sites[0] | overrides, *sites[1:]]}


def seconds(value: Any) -> dict[str, Any]:
    """Travel with such a matrix of seconds."""
    return {"travel": {"modes": {"car": {"seconds": value, "metres": []}}}}


def packed(raw: bytes, *shape: int) -> dict[str, Any]:
    """Such bytes as a packed matrix of this shape."""
    data = base64.b64encode(zlib.compress(raw)).decode()
    return seconds({"encoding": "int32-zlib-base64", "shape": list(shape), "data": data})


FAULTS: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("UNKNOWN_FIELD", "/membres", "membres", "did you mean members?", {"members": ..., "membres": []}),
    ("MISSING_FIELD", "/members", "nothing", "Problem needs it", {"members": ...}),
    ("UNKNOWN_FIELD", "/sites/0/latitud", "latitud", "a field of Site", site(latitud=3)),
    ("UNKNOWN_FIELD", "/sites/0/a~1b~0c", "a/b~c", "a field of Site", site(**{"a/b~c": 3})),
    ("WRONG_TYPE", "/sites/0/id", "7", "a text", site(id=7)),
    ("WRONG_TYPE", "/sites/0/latitude", "north", "a number", site(latitude="north")),
    ("WRONG_TYPE", "/sites/0/latitude", "true", "a number", site(latitude=True)),
    (
        "WRONG_VALUE",
        "/sites/0/kind",
        "bases",
        "village, household, community, station; did you mean base?",
        site(kind="bases"),
    ),
    ("WRONG_VALUE", "/sites/0/id", "\\ud800", "without broken signs", site(id="\ud800")),
    ("WRONG_TYPE", "/sites", "an object", "a list", {"sites": {}}),
    ("WRONG_TYPE", "/sites/0", "nothing", "an object", {"sites": [None]}),
    ("WRONG_TYPE", "/parameters/setup_seconds", "1.5", "a whole number", {"parameters": {"setup_seconds": 1.5}}),
    ("WRONG_TYPE", "/parameters/setup_seconds", "true", "a whole number", {"parameters": {"setup_seconds": True}}),
    (
        "WRONG_VALUE",
        "/parameters/setup_seconds",
        "1000000000000000000",
        "up to 9007199254740992",
        {"parameters": {"setup_seconds": 10**18}},
    ),
    (
        "WRONG_TYPE",
        "/parameters/strict_order_classes",
        "1",
        "true or false",
        {"parameters": {"strict_order_classes": 1}},
    ),
    ("WRONG_TYPE", "/days/0/date", "20261123", "a date like 2026-11-23", {"days": [{"date": 20261123}]}),
    ("WRONG_VALUE", "/days/0/date", "2026-02-30", "a date like 2026-11-23", {"days": [{"date": "2026-02-30"}]}),
    ("WRONG_VALUE", "/days/0/date", "2026-W48-1", "2026-11-23", {"days": [{"date": "2026-W48-1"}]}),
    ("WRONG_VALUE", "/weights/unplanned", "2 items", "4 items", {"weights": {"unplanned": [1, 2]}}),
    ("WRONG_VALUE", "/weights", "at least 0", "a valid Weights", {"weights": {"rhythm": -1}}),
    ("WRONG_TYPE", "/earlier/crews/0", "5", "an object", {"earlier": {"crews": [5]}}),
    ("WRONG_TYPE", "/travel/modes", "a list of 0", "an object", {"travel": {"modes": []}}),
    ("WRONG_VALUE", "/travel/modes/car/seconds", "row 1 unlike row 0", "rows of 2", seconds([[1, 2], [3]])),
    ("WRONG_VALUE", "/travel/modes/car/seconds", "1.5 in row 0", "whole numbers", seconds([[1.5]])),
    ("WRONG_VALUE", "/travel/modes/car/seconds", "2147483648", "up to 2147483647", seconds([[2**31]])),
    ("WRONG_VALUE", "/travel/modes/car/seconds", "str", "packed form", seconds("x")),
    ("WRONG_VALUE", "/travel/modes/car/seconds", "encoding gzip", "int32-zlib-base64", seconds({"encoding": "gzip"})),
    ("WRONG_VALUE", "/travel/modes/car/seconds", "3 bytes", "16 bytes for 2 x 2", packed(b"abc", 2, 2)),
    ("WRONG_VALUE", "/travel/modes/car/seconds", "17 bytes or more", "16 bytes", packed(bytes(10**6), 2, 2)),
    ("WRONG_VALUE", "/travel/modes/car/seconds", "shape [100000, 100000]", "at most", packed(b"", 100_000, 100_000)),
    (
        "WRONG_VALUE",
        "/travel/modes/car/seconds",
        "cannot be unpacked",
        "data",
        seconds({"encoding": "int32-zlib-base64", "shape": [1, 1], "data": "%"}),
    ),
    ("WRONG_FORMAT", "/format", "xunzhen-plan/1", "xunzhen-problem/1", {"format": "xunzhen-plan/1"}),
    ("WRONG_FORMAT", "/format", "nothing", "xunzhen-problem/1", {"format": ...}),
]


@pytest.mark.parametrize(("code", "where", "found", "expected", "parts"), FAULTS, ids=lambda value: str(value)[:30])
def test_a_fault_is_named_with_its_json_pointer(
    code: str, where: str, found: str, expected: str, parts: dict[str, Any]
) -> None:
    [fault] = [fault for fault in faults_of_document(problem_from_json, changed(**parts)) if fault.code == code]
    assert fault.where == where
    assert found in fault.found
    assert expected in fault.expected
    assert (fault.advice_zh, fault.advice_en) == ADVICE[code]


NO_JSON = {
    "nothing": "Expecting value",
    '{"format": ': "Expecting value",
    '{"format": NaN}': "NaN is not a number",
    '{"format": 1, "format": 2}': "the field format is given twice",
    "[" * 100_000: "values inside values",
    "9" * 5000: "Exceeds the limit",
}


@pytest.mark.parametrize("text", NO_JSON, ids=lambda text: text[:20])
def test_what_is_no_json_is_refused(text: str) -> None:
    [fault] = faults_of_document(plan_from_json, text)
    assert fault.code == "INVALID_JSON"
    assert NO_JSON[text] in fault.found


def test_a_document_that_is_no_object_is_refused() -> None:
    assert faults_of_document(plan_from_json, "[1]")[0].found == "a list of 1"


def test_every_code_has_a_planted_fault() -> None:
    assert {code for code, *_ in FAULTS} | {"INVALID_JSON"} == set(ADVICE)


def test_all_faults_come_together() -> None:
    faults = faults_of_document(problem_from_json, changed(**site(id=7, kind="x"), teams=..., extra=1))
    assert [fault.where for fault in faults] == ["/teams", "/extra", "/sites/0/id", "/sites/0/kind"]


def test_a_document_that_reads_but_makes_no_sense_lists_the_problem_s_faults() -> None:
    with pytest.raises(ProblemFaults) as caught:
        problem_from_json(changed(teams=[]))
    assert "/members/0/team (gp1)" in {fault.where for fault in caught.value.faults}


def test_a_result_says_everything_with_its_total() -> None:
    verdict = check(a_problem(), a_plan())
    shortage = Shortage("STAFF", "week", 3, 2, "缺1名医生", "1 doctor short")
    content = json.loads(
        result_to_json(Result(a_plan(), Status.FEASIBLE, verdict.cost, (), (shortage,), 7, statistics={"seconds": 1.5}))
    )
    assert content["format"] == "xunzhen-result/1"
    assert content["cost"] == {"total": 32_880, "parts": verdict.cost.parts}
    assert content["shortages"][0]["message_zh"] == "缺1名医生"
    assert content["plan"]["crews"][0]["lunch"] == {"start_seconds": clock(11, 30), "end_seconds": clock(12, 30)}
    assert (content["status"], content["seed"], content["statistics"]) == ("feasible", 7, {"seconds": 1.5})


def validator(name: str) -> Draft202012Validator:
    """The published schema, itself checked."""
    schema = json.loads((SCHEMA_FOLDER / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_published_schemas_are_what_the_reader_follows(tmp_path: Path) -> None:
    """After a change of the fields: `python -m optimizer.documents`."""
    main([str(tmp_path)])
    for name, text in schema_texts().items():
        assert (SCHEMA_FOLDER / name).read_text(encoding="utf-8") == text
        assert (tmp_path / name).read_text(encoding="utf-8") == text
    assert {path.name for path in SCHEMA_FOLDER.glob("*.json")} == set(schema_texts())


def test_documents_follow_the_published_schemas() -> None:
    problem = replace(a_problem(), earlier=a_plan(), pins=(Pin("home1", Channel.HOME),))
    sites = (*some_sites(), *(a_site(f"x{number}") for number in range(54)))
    for text in (problem_to_json(problem), problem_to_json(a_problem(sites=sites, minutes=range(60)))):
        validator("problem.schema.json").validate(json.loads(text))
    validator("plan.schema.json").validate(json.loads(plan_to_json(a_plan())))


BEYOND_A_SCHEMA = (
    *("\\ud800", "1000000000000000000", "2026-02-30", "at least 0", "row 1 unlike row 0", "2147483648"),
    *("3 bytes", "17 bytes or more", "shape [100000, 100000]", "cannot be unpacked"),
)


@pytest.mark.parametrize(
    "planted", [fault for fault in FAULTS if fault[2] not in BEYOND_A_SCHEMA], ids=lambda one: one[1]
)
def test_the_schema_refuses_what_the_reader_refuses(planted: tuple[str, str, str, str, dict[str, Any]]) -> None:
    assert not validator("problem.schema.json").is_valid(json.loads(changed(**planted[4])))
