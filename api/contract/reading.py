"""Turns a vendor's row into our canonical record, with every fault told at once."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from api.contract.cells import HIDDEN, Cells, Json
from api.contract.codes import (
    PENDING,
    BusinessType,
    ContractStatus,
    FollowUpClass,
    NoVisitReason,
    PlanStatus,
    Sex,
    StopReason,
    VisitEffect,
    VisitWay,
)
from api.contract.numbers import find_record_number, find_village_code, is_id_card, is_personal
from api.contract.records import Contract, ContractRecord, DueItem, Header, Home, Person, Visit
from api.contract.vendors import Vendor
from optimizer.due import follow_up_rules
from optimizer.errors import Fault
from optimizer.tables.columns import all_columns

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_WISH = 200
_PLAIN_ID = re.compile(r"[^\s,]+")
OWN_COLUMNS = frozenset(
    {
        *("id", "resident", "name", "phone", "address", "household", "site", "latitude", "longitude", "rule"),
        *("earliest", "due", "latest", "team", "contract_end", "source", "status"),
    }
)
"""Columns of the follow-ups sheet that come from canonical fields, so that no wish can contradict them."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a row gave: its header where that can be read, the record where there is no fault."""

    header: Header | None
    record: ContractRecord | None
    faults: tuple[Fault, ...]


def read_row(vendor: Vendor, row: Json) -> Read:
    """Read one row. A deleted one has a header and no record, and no fault for what it no longer tells."""
    if not isinstance(row, dict):
        fault = Fault("NOT_A_RECORD", "", type(row).__name__, "an object", "应为一条记录", "send one object per record")
        return Read(None, None, (fault,))
    cells = Cells(vendor, row)
    header = _header(cells)
    if header is None or header.is_deleted:
        return Read(header, None, tuple(cells.faults))
    person, home, contract, visit = _person(cells), _home(cells), _contract(cells), _visit(cells)
    due = _due(cells)
    if due is not None and due.status in PENDING:
        for name in vendor.required:
            cells.need(name, cells.filled(name))
    if cells.faults or person is None or due is None:
        return Read(header, None, tuple(cells.faults))
    return Read(header, ContractRecord(header, person, home, contract, due, visit), ())


def _header(cells: Cells) -> Header | None:
    external_id, updated_at = cells.opaque_id("external_id"), cells.moment("updated_at")
    version = cells.whole("version")
    if "version" not in cells.vendor.fields and updated_at is not None:
        version = (updated_at - EPOCH) // timedelta(microseconds=1)  # the only thing that grows with every change
    for name, value in (("external_id", external_id), ("updated_at", updated_at), ("version", version)):
        cells.need(name, value)
    if external_id is not None and is_personal(external_id):
        _refuse_personal_id(cells, "external_id")
        return None
    if external_id is not None and not _PLAIN_ID.fullmatch(external_id):
        zh, en = "编号不能含空格和逗号", "an id holds no space and no comma"
        cells.fault("external_id", "BAD_ID", "letters, digits and signs without space and comma", zh, en)
        return None
    if external_id is None or updated_at is None or version is None:
        return None
    status, business = cells.value("plan_status"), cells.value("business_type")
    return Header(external_id, version, updated_at, _raw_code(status), _raw_code(business), cells.yes_no("is_deleted"))


def _raw_code(value: Json) -> str:
    """The code as the vendor counts it; what cannot be a code counts as none."""
    is_code = isinstance(value, str | int) and not isinstance(value, bool)
    text = str(value)[:17].strip() if is_code else ""
    return text if len(text) <= 16 and text.isascii() and text.isprintable() else ""


def _person(cells: Cells) -> Person | None:
    resident = cells.opaque_id("resident_id")
    cells.need("resident_id", resident)
    if resident is not None and is_personal(resident):
        _refuse_personal_id(cells, "resident_id")
    card = cells.text("id_card", 32)
    if card is not None and not is_id_card(card.upper()):
        zh, en = "身份证号应为18位", "an identity number has 18 signs"
        cells.fault("id_card", "BAD_ID_CARD", "17 digits and a digit or X", zh, en)
    number_text = cells.text("record_number", 32)
    number = find_record_number(number_text) if number_text is not None else None
    if number_text is not None and number is None:
        zh, en = "健康档案编号应为17位：县6、乡镇3、村3、序号5", "17 digits: county 6, township 3, village 3, serial 5"
        cells.fault("record_number", "BAD_RECORD_NUMBER", "a health-record number of 17 digits", zh, en)
    person = Person(
        resident_id=resident or "",
        name=cells.text("name", 100),
        id_card=card.upper() if card is not None else None,
        mobile=cells.text("mobile", 32),
        contact_phone=cells.text("contact_phone", 32),
        birthday=cells.day("birthday"),
        sex=cells.code("sex", Sex),
        record_number=number,
        population_groups=cells.parts("population_groups"),
    )
    return person if resident is not None else None


def _refuse_personal_id(cells: Cells, name: str) -> None:
    zh, en = "请改用不透明编号，不要用身份证号或手机号", "use an opaque id, never an identity or phone number"
    cells.fault(name, "PERSONAL_ID", "an opaque id", zh, en, HIDDEN)


def _home(cells: Cells) -> Home:
    text = cells.text("region_code", 32)
    code = find_village_code(text) if text is not None else None
    if text is not None and code is None:
        zh, en = "统计用区划代码应为12位", "a statistical village code has 12 digits"
        cells.fault("region_code", "BAD_VILLAGE_CODE", "12 digits", zh, en)
    latitude, longitude = cells.degrees("latitude", 90), cells.degrees("longitude", 180)
    if (latitude is None) != (longitude is None):
        cells.need("longitude" if longitude is None else "latitude", None)
    return Home(cells.opaque_id("household_id"), cells.text("address"), code, cells.opaque_id("site"),
                latitude, longitude)  # fmt: skip


def _contract(cells: Cells) -> Contract:
    contract = Contract(
        team=cells.opaque_id("team"),
        doctor=_staff(cells, "doctor"),
        village_doctor=_staff(cells, "village_doctor"),
        village_clinic=cells.opaque_id("village_clinic"),
        township_doctor=_staff(cells, "township_doctor"),
        township_unit=cells.opaque_id("township_unit"),
        begin=cells.day("contract_begin"),
        end=cells.day("contract_end"),
        status=cells.code("contract_status", ContractStatus),
        stop_date=cells.day("stop_date"),
        stop_reason=cells.code("stop_reason", StopReason),
        packages=cells.parts("packages"),
    )
    if contract.begin is not None and contract.end is not None and contract.end < contract.begin:
        zh, en = "签约结束早于开始", "the contract ends before it begins"
        cells.fault("contract_end", "CONTRACT_REVERSED", f"{contract.begin} or later", zh, en, str(contract.end))
    return contract


def _staff(cells: Cells, name: str) -> str | None:
    """The id of somebody on the staff; whom of them we know is not judged, for not all of them make visits."""
    found = cells.opaque_id(name)
    if found is None or not is_personal(found):
        return found
    _refuse_personal_id(cells, name)
    return None


def _visit(cells: Cells) -> Visit:
    return Visit(
        cells.code("visit_way", VisitWay),
        cells.code("visit_effect", VisitEffect),
        cells.code("no_visit_reason", NoVisitReason),
        cells.day("next_date"),
    )


def _due(cells: Cells) -> DueItem | None:
    plan_date, status = cells.day("plan_date"), cells.code("plan_status", PlanStatus)
    cells.need("plan_date", plan_date)
    cells.need("plan_status", status)
    earliest, first = cells.day("earliest_date"), cells.day("begin_date")
    latest, last = cells.day("last_date"), cells.day("end_date")
    earliest, latest = earliest or first, latest or last
    days = [day for day in (earliest, plan_date, latest) if day is not None]
    if days != sorted(days):
        zh, en = "应为 最早 ≤ 应访 ≤ 最晚", "earliest, due and latest must follow each other"
        cells.fault("plan_date", "WINDOW_REVERSED", "earliest, due, latest in this order", zh, en,
                    " ".join(map(str, days)))  # fmt: skip
    business, last_class = cells.code("business_type", BusinessType), cells.code("last_class", FollowUpClass)
    rule = _rule(cells, business, last_class)
    remind, last_visit, wishes = cells.day("remind_date"), cells.day("last_visit_date"), _wishes(cells)
    if rule is None or plan_date is None or status is None:
        return None
    return DueItem(rule, plan_date, status, business, earliest, latest, remind, last_visit, last_class, wishes)


def _rule(cells: Cells, business: BusinessType | None, last_class: FollowUpClass | None) -> str | None:
    """Our rule: named outright, or from the business type and the class of the last visit."""
    named = cells.text("rule", LONGEST_WISH)
    if named is not None:
        if named in follow_up_rules():
            return named
        zh, en = "用规则代码，如 HTN_ROUTINE", "use a code such as HTN_ROUTINE"
        cells.fault("rule", "UNKNOWN_RULE", "a rule of the catalogue", zh, en)
        return None
    raw = _raw_code(cells.value("business_type"))
    if raw in cells.vendor.refused_business_types:
        reason = cells.vendor.refused_business_types[raw]
        cells.fault("business_type", "NOT_PLANNED", "a business type that is planned", reason, reason, raw)
        return None
    if business is None:
        cells.need("business_type" if "business_type" in cells.vendor.fields else "rule", None)
        return None
    rule = cells.vendor.rule_of(business, last_class)
    if rule is None:
        zh, en = "在厂商文件的 rules 中补充", "add it to the rules of the vendor file"
        cells.fault("business_type", "NO_RULE", "a business type with a rule", zh, en, str(int(business)))
    return rule


def _wishes(cells: Cells) -> dict[str, str]:
    """Further columns of our sheet; their words are judged when the week is read."""
    value = cells.value("wishes")
    if value is None:
        return {}
    if not isinstance(value, dict):
        cells.fault("wishes", "WRONG_TYPE", "an object of sheet columns", "应为对象", "send an object")
        return {}
    wrong = sorted(set(value) - wish_columns())
    if wrong:
        zh, en = "只用随访表的列名", "use columns of the follow-ups sheet"
        cells.fault("wishes", "UNKNOWN_FIELD", ", ".join(sorted(wish_columns())), zh, en, f"{len(wrong)} unknown")
        return {}
    inner = Cells(cells.vendor.model_copy(update={"fields": {name: f"wishes.{name}" for name in value}}), cells.row)
    texts = {name: inner.text(name, LONGEST_WISH) for name in value}
    cells.faults += inner.faults
    return {name: text for name, text in texts.items() if text}


@cache
def wish_columns() -> frozenset[str]:
    """The columns that a record may bring beside its canonical fields."""
    return frozenset(column.key for column in all_columns()["followups"]) - OWN_COLUMNS
