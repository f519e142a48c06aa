"""Vendor files: how one contract system names its fields, codes, dates, pages and paths. Data, checked when loaded."""

import json
import tomllib
from collections.abc import Mapping
from datetime import timedelta, timezone
from enum import IntEnum, StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from api.contract.codes import (
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
from api.contract.errors import VendorFaults
from optimizer.due import follow_up_rules
from optimizer.errors import Fault
from optimizer.model import Channel

VENDORS = Path(__file__).parent / "vendors"

CODES: Mapping[str, type[IntEnum] | type[StrEnum]] = {
    "plan_status": PlanStatus,
    "business_type": BusinessType,
    "visit_way": VisitWay,
    "last_class": FollowUpClass,
    "contract_status": ContractStatus,
    "stop_reason": StopReason,
    "visit_effect": VisitEffect,
    "no_visit_reason": NoVisitReason,
    "sex": Sex,
}
"""Canonical fields that are codes; a vendor file may translate each."""
TEXTS = (
    *("external_id", "resident_id", "record_number", "id_card", "name", "mobile", "contact_phone", "household_id"),
    *("address", "region_code", "site", "team", "doctor", "village_doctor", "village_clinic", "township_doctor"),
    *("township_unit", "rule"),
)
DOCTORS = ("doctor", "village_doctor", "township_doctor")
"""Of a contract: who answers for it, and the two who signed it."""
DATES = (
    *("birthday", "contract_begin", "contract_end", "stop_date", "plan_date", "begin_date", "end_date", "remind_date"),
    *("earliest_date", "last_date", "last_visit_date", "next_date"),
)
LISTS = ("population_groups", "packages")
FIELDS = frozenset(
    {*CODES, *TEXTS, *DATES, *LISTS, "version", "updated_at", "is_deleted", "latitude", "longitude", "wishes"}
)
"""All canonical fields."""
NEEDED_FIELDS = frozenset({"external_id", "updated_at", "resident_id", "plan_date", "plan_status"})
APPOINTMENT_FIELDS = frozenset(
    {
        *("external_id", "plan_id", "revision", "state", "week", "plan_date", "half_day", "start", "end", "visit_way"),
        *("site", "team", "members"),
    }
)
OUTCOME_FIELDS = frozenset(
    {"external_id", "plan_status", "visit_way", "visit_effect", "no_visit_reason", "done_on", "next_date"}
)

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\-]{1,64}$")]
UrlPath = Annotated[str, Field(pattern=r"^/[A-Za-z0-9_./\-]{1,200}$")]
Dotted = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,64}(\.[A-Za-z0-9_]{1,64}){0,4}$")]


class Part(BaseModel):
    """A table of a vendor file; unknown words in it are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Success(Part):
    """Where an answer says that it is one; many systems answer failures with HTTP 200."""

    at: Dotted
    equals: str | int | bool


class Reading(Part):
    """How pages of records are asked for and where an answer holds them.

    `keyset` asks for what follows a moment and an id; `numbered` for page 1, 2, 3 of what was changed since a moment.
    """

    path: UrlPath
    style: Literal["keyset", "numbered"]
    rows: Dotted
    more: Dotted
    absent: Dotted
    parameters: Mapping[Literal["moment", "id", "page", "limit", "status", "business_type", "ids"], Name]
    most_rows: int = Field(default=500, ge=1, le=5000)

    @model_validator(mode="after")
    def _has_its_parameters(self) -> "Reading":
        own = {"keyset": {"id"}, "numbered": {"page"}}[self.style]
        missing = {"moment", "limit", "status", "business_type", "ids", *own} - set(self.parameters)
        if missing:
            raise ValueError(f"parameters lack {', '.join(sorted(missing))}")
        return self


class Counting(Part):
    """Where the counts per status and business type are."""

    path: UrlPath
    rows: Dotted
    status: Name
    business_type: Name
    count: Name
    digest: Name


class Writing(Part):
    """Where appointments and outcomes are written back, and their fields in the vendor's words."""

    appointments: UrlPath
    outcomes: UrlPath
    appointment_fields: Mapping[str, Name]
    outcome_fields: Mapping[str, Name]
    states: Mapping[Literal["planned", "cancelled"], str]
    half_days: Mapping[Literal["morning", "afternoon"], str]
    saved: Success | None = None
    """Where an answer says that it has kept what was written; else the vendor's `success` has to tell."""

    @model_validator(mode="after")
    def _knows_its_fields(self) -> "Writing":
        for given, known in (
            (self.appointment_fields, APPOINTMENT_FIELDS),
            (self.outcome_fields, OUTCOME_FIELDS),
        ):
            wrong = sorted({*(set(given) - known), *({"external_id"} - set(given))})
            if wrong:
                raise ValueError(f"unknown or missing fields: {', '.join(wrong)}")
        missing = {"planned", "cancelled"} - set(self.states) | {"morning", "afternoon"} - set(self.half_days)
        if missing:
            raise ValueError(f"no word for {', '.join(sorted(missing))}")
        return self


class Formats(Part):
    """How dates, moments, lists and yes or no are written. A moment without offset is taken to have `offset`."""

    date: str = "%Y-%m-%d"
    moment: str = "iso"
    offset: Annotated[str, Field(pattern=r"^[+-]\d\d:\d\d$")] = "+08:00"
    separator: str = ""
    """Of lists in one text; empty where lists are JSON arrays."""
    codes_as_text: bool = False
    """Whether number codes are written as texts; both are read."""
    yes: str | int | bool = True
    no: str | int | bool = False

    @property
    def zone(self) -> timezone:
        """The offset as a time zone."""
        hours, minutes = int(self.offset[1:3]), int(self.offset[4:])
        ahead = timedelta(hours=hours, minutes=minutes)
        return timezone(-ahead if self.offset.startswith("-") else ahead)


class RuleChoice(Part):
    """A row of the table that gives our rule for a business type and the class of the last visit; first match wins."""

    business_type: int
    last_class: tuple[int, ...] = ()
    """Empty: whatever the class."""
    rule: str


class Vendor(Part):
    """One vendor file."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9\-]{0,62}$")]
    title_zh: str
    title_en: str
    reading: Reading
    counting: Counting
    writing: Writing
    formats: Formats = Formats()
    success: Success | None = None
    fields: Mapping[str, Dotted]
    required: tuple[str, ...] = ()
    """Fields that every record to be planned has to fill, beside those without which it cannot be read."""
    codes: Mapping[str, Mapping[str, str | int]] = {}
    refused_business_types: Mapping[str, str] = {}
    """Codes of the vendor that are known and never planned, with the reason."""
    rules: tuple[RuleChoice, ...] = ()
    visit_ways: Mapping[str, int]
    """Canonical visit way of home, patrol, phone and patrol_community (a session at a functional community)."""

    @model_validator(mode="after")
    def _holds_together(self) -> "Vendor":
        silent = ["neither success nor writing.saved: nothing would tell that a message was kept"]
        faults = [
            *(silent if self.success is None and self.writing.saved is None else []),
            *_field_faults(self),
            *_code_faults(self),
            *_rule_faults(self),
            *_way_faults(self),
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def code_of(self, field: str, text: str) -> str | int | None:
        """The canonical code for a code of the vendor; None when it is unknown."""
        known = CODES[field]
        if field in self.codes:
            return self.codes[field].get(text)
        return next((member.value for member in known if str(member.value) == text), None)

    def vendor_code_of(self, field: str, value: str | int) -> str | None:
        """The vendor's code for a canonical one; None where it has none."""
        if field not in self.codes:
            return str(value)
        return next((code for code, meaning in self.codes[field].items() if meaning == value), None)

    def rule_of(self, business_type: int, last_class: int | None) -> str | None:
        """Our rule for a business type and the class of the last visit."""
        fits = (
            choice.rule
            for choice in self.rules
            if choice.business_type == business_type and (not choice.last_class or last_class in choice.last_class)
        )
        return next(fits, None)


def _field_faults(vendor: Vendor) -> list[str]:
    given = set(vendor.fields)
    faults = [f"fields.{name} is no canonical field" for name in sorted(given - FIELDS)]
    faults += [f"fields.{name} is missing" for name in sorted(NEEDED_FIELDS - given)]
    faults += [f"required: {name} is not among the fields" for name in vendor.required if name not in given]
    if not given & {"rule", "business_type"}:
        faults.append("fields has neither rule nor business_type")
    return faults


def _code_faults(vendor: Vendor) -> list[str]:
    faults = [f"codes.{name} is no canonical code" for name in sorted(set(vendor.codes) - set(CODES))]
    for name in set(vendor.codes) & set(CODES):
        values = {member.value for member in CODES[name]}
        faults += [f"codes.{name}.{code}: {value!r} is unknown" for code, value in vendor.codes[name].items()
                   if value not in values]  # fmt: skip
    double = set(vendor.codes.get("business_type", {})) & set(vendor.refused_business_types)
    return faults + [f"business type {code} is both taken and refused" for code in sorted(double)]


def _rule_faults(vendor: Vendor) -> list[str]:
    known, types = set(follow_up_rules()), {member.value for member in BusinessType}
    faults = [f"rules: {choice.rule} is no rule of ours" for choice in vendor.rules if choice.rule not in known]
    faults += [
        f"rules: business type {c.business_type} is unknown" for c in vendor.rules if c.business_type not in types
    ]
    if "rule" in vendor.fields:
        return faults
    taken = set(vendor.codes["business_type"].values()) if "business_type" in vendor.codes else types
    covered = {choice.business_type for choice in vendor.rules if not choice.last_class}
    return faults + [
        f"rules: none for business type {code} with any class" for code in sorted(map(str, taken - covered))
    ]


def _way_faults(vendor: Vendor) -> list[str]:
    wanted = {*(str(channel) for channel in Channel), "patrol_community"}
    faults = [f"visit_ways.{name} is missing" for name in sorted(wanted - set(vendor.visit_ways))]
    faults += [f"visit_ways.{name} is no channel" for name in sorted(set(vendor.visit_ways) - wanted)]
    ways = {member.value for member in VisitWay}
    return faults + [
        f"visit_ways.{name}: {way} is unknown" for name, way in vendor.visit_ways.items() if way not in ways
    ]


def read_vendor(text: str, name: str) -> Vendor:
    """The vendor of a file's text; raises VendorFaults with every fault."""
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise VendorFaults(name, (_fault("", str(error)),)) from None
    try:
        return Vendor.model_validate_json(_as_json(content))
    except ValidationError as error:
        faults = (_fault("/".join(str(word) for word in part["loc"]), part["msg"]) for part in error.errors())
        raise VendorFaults(name, tuple(faults)) from None


@cache
def get_vendor(name: str) -> Vendor:
    """The vendor of a file in `vendors/`; raises VendorFaults when there is none or it is wrong."""
    if name not in list_vendors():
        raise VendorFaults(name, (_fault("", f"there is no such file; known are {', '.join(list_vendors())}"),))
    vendor = read_vendor((VENDORS / f"{name}.toml").read_text(encoding="utf-8"), name)
    if vendor.name != name:
        raise VendorFaults(name, (_fault("name", f"the file is called {name}, not {vendor.name}"),))
    return vendor


@cache
def list_vendors() -> tuple[str, ...]:
    """Names of all vendor files."""
    return tuple(sorted(path.stem for path in VENDORS.glob("*.toml")))


def _as_json(content: dict[str, Any]) -> str:
    return json.dumps(content, default=str)


def _fault(where: str, message: str) -> Fault:
    return Fault("VENDOR_FILE", f"/{where}", message, "a vendor file", "按已有的厂商文件改正", "follow the other files")
