"""Events that come in about residents we know: an abnormal reading at home, a referral; each becomes a due item."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.contract.cells import HIDDEN, Json
from api.contract.codes import PlanStatus
from api.store.base import new_id
from api.store.models.exchange import ContractSource
from api.store.models.follow_ups import FollowUp, FollowUpStatus
from api.store.models.residents import Household, Resident
from optimizer.due import follow_up_rules
from optimizer.errors import Fault

MOST_RECORDS = 200
FUTURE = timedelta(days=1)
TWO_WEEKS, ONE_WEEK = 14, 7
READING_RULES = {
    ("blood_pressure", "raised"): "HTN_UNCTRL_2W",
    ("blood_pressure", "emergency"): "HTN_EMERG_2W",
    ("glucose", "raised"): "DM_UNCTRL_2W",
    ("glucose", "emergency"): "DM_EMERG_2W",
}
"""Our rule for an abnormal reading; the class is sent, never the value."""
REFERRAL_RULES = {
    "hypertension": ("HTN_REFER_2W", TWO_WEEKS),
    "diabetes": ("DM_UNCTRL_2W", TWO_WEEKS),
    "pregnancy": ("ANC_RISK_1W", ONE_WEEK),
    "tuberculosis": ("TB_SUSPECT", ONE_WEEK),
    "other": ("OTHER", TWO_WEEKS),
}
"""Our rule for a referral, and within how many days somebody asks how it went."""
MOST_URGENT_OTHER = 1


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None or not 2000 <= moment.year <= 2199:
        raise ValueError("a moment needs an offset")
    return moment


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_\-]{1,40}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Records(_Part):
    """New or changed records in the vendor's form."""

    records: Annotated[list[Any], Field(min_length=1, max_length=MOST_RECORDS)]


class Reading(_Part):
    """An abnormal reading at home, by its class."""

    reading_id: Name
    resident_id: Annotated[str, Field(min_length=1, max_length=64)]
    kind: Literal["blood_pressure", "glucose"]
    level: Literal["raised", "emergency"]
    measured_at: Annotated[datetime, AfterValidator(_aware)]


class Referral(_Part):
    """A referral to a hospital, whose result is asked for."""

    referral_id: Name
    resident_id: Annotated[str, Field(min_length=1, max_length=64)]
    condition: Literal["hypertension", "diabetes", "pregnancy", "tuberculosis", "other"]
    referred_on: date


class RecordsEvent(_Part):
    """Records were made or changed."""

    type: Literal["follow_up.changed"]
    data: Records


class ReadingEvent(_Part):
    """A reading at home was abnormal."""

    type: Literal["home_reading.abnormal"]
    data: Reading


class ReferralEvent(_Part):
    """A resident was referred."""

    type: Literal["referral.made"]
    data: Referral


Event = RecordsEvent | ReadingEvent | ReferralEvent
KINDS = frozenset({"follow_up.changed", "home_reading.abnormal", "referral.made"})
_EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


@dataclass(frozen=True, slots=True)
class Item:
    """A due item that an event asks for."""

    external_id: str
    resident_id: str
    rule: str
    day: date
    within_days: int


def read_event(content: Json) -> Event | tuple[Fault, ...]:
    """The event, or every fault of it."""
    try:
        return _EVENTS.validate_python(content)
    except ValidationError as error:
        zh, en = "按接口文档填写该字段", "fill the field in as the interface says"
        return tuple(
            Fault("BAD_EVENT", _pointer(part["loc"]), HIDDEN, part["msg"], zh, en)
            for part in error.errors(include_input=False, include_url=False, include_context=False)
        )


def _pointer(location: Sequence[str | int]) -> str:
    """Where in the event a fault is; the kind of event stands in front, and is no part of the event."""
    steps = location[1:] if location and location[0] in KINDS else location
    return "".join(f"/{step}" for step in steps)


def kind_of(content: object) -> str:
    """The kind that an event says it is, if it is one of ours."""
    said = content.get("type") if isinstance(content, dict) else None
    return said if isinstance(said, str) and said in KINDS else "unknown"


def item_of(event: ReadingEvent | ReferralEvent, today: date) -> Item | Fault:
    """The due item that an event asks for, or why it cannot be: its day lies ahead."""
    if isinstance(event, ReadingEvent):
        data = event.data
        rule = READING_RULES[data.kind, data.level]
        item = Item(f"reading-{data.reading_id}", data.resident_id, rule, data.measured_at.date(), TWO_WEEKS)
    else:
        rule, days = REFERRAL_RULES[event.data.condition]
        item = Item(f"referral-{event.data.referral_id}", event.data.resident_id, rule, event.data.referred_on, days)
    if item.day > today + FUTURE:
        zh, en = "日期在将来，请核对时钟", "the date lies ahead; check the clock"
        return Fault("FUTURE_DATE", "/data", str(item.day), f"{today} or earlier", zh, en)
    return item


def add_item(session: Session, source: ContractSource, item: Item) -> Fault | bool:
    """Make the due item; False when it is there already, a fault when the resident or their place is not known."""
    organisation_id = source.organisation_id
    query = select(FollowUp.id).where(
        FollowUp.organisation_id == organisation_id, FollowUp.external_id == item.external_id
    )
    if session.scalars(query).first() is not None:
        return False
    wanted = select(Resident).where(
        Resident.organisation_id == organisation_id, Resident.external_id == item.resident_id,
        Resident.is_deleted.is_(False),
    )  # fmt: skip
    resident = session.scalars(wanted).one_or_none()
    if resident is None:
        zh, en = "没有这位居民，先同步随访", "there is no such resident; pull the follow-ups first"
        return Fault("UNKNOWN_RESIDENT", "/data/resident_id", HIDDEN, "a resident that we know", zh, en)
    latest = select(FollowUp).where(FollowUp.resident_id == resident.id).order_by(FollowUp.due.desc()).limit(1)
    known = session.scalars(latest).first()
    place = _place(session, resident, known)
    if isinstance(place, Fault):
        return place
    due = item.day + timedelta(days=item.within_days)
    if known is not None and known.contract_end is not None and known.contract_end < due:
        zh, en = "签约已到期，续签后再安排", "the contract has ended; plan it after a renewal"
        return Fault("CONTRACT_ENDED", "/data", str(due), f"{known.contract_end} or earlier", zh, en)
    _write(session, source, item, resident, place, known)
    return True


def _place(
    session: Session, resident: Resident, known: FollowUp | None
) -> tuple[str, float | None, float | None] | Fault:
    """Site and coordinates of the resident: of the household, else of the last follow-up."""
    wanted = select(Household).where(
        Household.organisation_id == resident.organisation_id, Household.external_id == resident.household
    )
    household = session.scalars(wanted).one_or_none()
    if household is not None and household.site:
        return household.site, household.latitude, household.longitude
    if known is not None:
        return known.site, known.latitude, known.longitude
    zh, en = "先登记住户所在村", "enter the village of the household first"
    return Fault("UNKNOWN_PLACE", "/data/resident_id", HIDDEN, "a resident with a village", zh, en)


def _write(session: Session, source: ContractSource, item: Item, resident: Resident,
           place: tuple[str, float | None, float | None], known: FollowUp | None) -> None:  # fmt: skip
    rule = follow_up_rules()[item.rule]
    due = item.day + timedelta(days=item.within_days)
    site, latitude, longitude = place
    follow_up = FollowUp(
        id=new_id(),
        organisation_id=source.organisation_id,
        external_id=item.external_id,
        resident_id=resident.id,
        site=site,
        latitude=latitude,
        longitude=longitude,
        team=resident.team,
        rule=rule.code,
        earliest=max(item.day, due - timedelta(days=rule.before_days)),
        due=due,
        latest=due,
        priority=min(rule.priority, MOST_URGENT_OTHER),
        contract_end=known.contract_end if known is not None else None,
        source=f"{source.name}/events",
        plan_status=int(PlanStatus.DUE),
    )
    session.add(follow_up)
    session.flush()
    session.add(
        FollowUpStatus(
            organisation_id=source.organisation_id, follow_up_id=follow_up.id, plan_status=follow_up.plan_status,
            actor=source.id, reason="EVENT",
        )
    )  # fmt: skip
    session.flush()
