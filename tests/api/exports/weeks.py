"""One small week with labels as awkward as real ones: rare characters, signs of markup, formulas."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from api.exports.calendar import CalendarOptions
from api.exports.sheet_data import SheetOptions
from api.exports.week import exported_week
from api.week_sheets import Week
from optimizer.model import Channel, Site, StaffNeed
from optimizer.plan import Crew, Plan, Status
from optimizer.tables import Labels, Person
from tests.builders import (
    a_crew,
    a_home_stop,
    a_plan,
    a_problem,
    a_session,
    a_session_stop,
    a_vehicle,
    an_option,
    clock,
    some_follow_ups,
    some_sites,
)

PLAN_ID = "3f2a9c0d8e7b6a5f4c3d2e1f0a9b8c7d"
SHEETS = SheetOptions(PLAN_ID, 3, "https://plan.example", is_demo=True)
CALENDAR = CalendarOptions(PLAN_ID, 3, datetime(2026, 11, 20, 9, tzinfo=UTC))
NAMES = {
    "home1": "欧阳㛃",
    "patrol1": "𬭎#strong[丽]",
    "phone1": "䶮*_$x$",
    "joint1": "犇小宝",
    "open1": "郚小满",
    "left1": "=1+1",
}
PHONE = "13900001234"
VILLAGES = {"v1": "鄌郚#[甲]村", "v2": "=cmd|' /C calc'!A0村"}
ADDRESS = "䶮家巷*7*号"
PLACES = {"base": (36.70, 118.90), "v1": (36.71, 118.91), "h1": (36.7123456789, 118.9123456789)}
PLACES |= {"h2": (36.713, 118.913), "v2": (36.72, 118.92), "h3": (36.7234567891, 118.9234567891)}
SECRET_WORDS = ("高血压", "糖尿病", "结核", "专项", "精神", "安宁", "HTN", "SMD", "TB_", "PALLIATIVE", "慢病")


def labels() -> Labels:
    """Words for the ids of the hand-made week."""
    return Labels(
        sites={"base": "中心卫生院", **VILLAGES},
        teams={"t1": '#panic("boom") 团队', "t2": "二队"},
        vehicles={"car1": "鲁G·$12$", "car2": "鲁G·2"},
        members={name: Person(text, PHONE) for name, text in (("gp1", "万俟㛃"), ("nurse1", "犇𬭎"), ("gp2", "龚甲"))},
        residents={name: Person(text, PHONE, ADDRESS) for name, text in NAMES.items()},
    )


def sites() -> tuple[Site, ...]:
    """The sites with places on earth."""
    return tuple(replace(s, latitude=PLACES[s.id][0], longitude=PLACES[s.id][1]) for s in some_sites())


def a_printed_week(plan: Plan | None = None, words: Labels | None = None) -> Week:
    """The feasible week of the builders with awkward words; a rule that must stay hidden; equipment on board."""
    needs = (StaffNeed(skills=("PHLEBOTOMY",)),)
    patrol = an_option(Channel.PATROL, needs=())
    items = tuple(
        replace(item, rule="SMD_STABLE", channels=(an_option(needs=needs if item.id == "x" else ()), patrol))
        if item.id == "home1"
        else item
        for item in some_follow_ups()
    )
    vehicles = (a_vehicle("car1", tags=("patrol_kit",)), a_vehicle("car2"))
    problem = a_problem(
        sites=sites(), follow_ups=items, vehicles=vehicles, sessions=(a_session(vehicle_tag="patrol_kit"),)
    )
    return exported_week(problem, plan or a_plan(), words or labels())


def a_crowd(people: int, *, is_feasible: bool = False) -> Week:
    """A crew that holds one session with many residents and sees two at home; as if feasible only where asked for."""
    names = [f"p{number}" for number in range(people)]
    patrol, home = an_option(Channel.PATROL), an_option()
    template = next(item for item in some_follow_ups() if item.id == "patrol1")
    items = tuple(
        replace(template, id=name, resident=f"resident-{name}", channels=(home, patrol), household="") for name in names
    )
    crew = a_crew(
        stops=(
            a_session_stop(*names[2:], start=clock(8, 10)),
            a_home_stop(*names[:2], site="h2", start=clock(12, 30)),
        )
    )
    words = replace(labels(), residents={name: Person(f"张{name}", PHONE, "1号") for name in names})
    week = exported_week(a_problem(sites=sites(), follow_ups=items), Plan(crews=(crew,)), words)
    return replace(week, result=replace(week.result, status=Status.FEASIBLE)) if is_feasible else week


def many_crews(count: int) -> Week:
    """The same two stops for many crews."""
    crews: Iterable[Crew] = (a_crew(f"c{number}") for number in range(count))
    return a_printed_week(a_plan(crews=tuple(crews)))
