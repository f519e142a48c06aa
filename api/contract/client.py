"""The client of a contract system: pages of changed records, single records, counts, and what is written back.

Reading is tried again with growing, jittered pauses; writing is tried once, for the outbox does the rest.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import stamina

from api.contract.cells import Json, find_moment, write_moment
from api.contract.errors import BadAnswer, ContractError, NotAnswered
from api.contract.strict_json import NotJson, read_json
from api.contract.transport import Answer, Call, Transport, error_of
from api.contract.vendors import Vendor

Got = TypeVar("Got")


@dataclass(frozen=True, slots=True)
class Position:
    """After which record reading goes on; `number` counts pages where a vendor numbers them."""

    moment: datetime | None = None
    external_id: str = ""
    number: int = 1

    def is_before(self, other: "Position") -> bool:
        """Whether the other position is farther on."""
        if other.moment is None or self.moment is None:
            return self.moment is None and other.moment is not None
        return (self.moment, self.external_id) < (other.moment, other.external_id)


START = Position()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the vendor's form; `following` is where the next page begins, None when there is none to be had."""

    rows: tuple[Json, ...]
    has_more: bool
    following: Position | None
    absent: tuple[str, ...] = ()
    """Of the ids asked for, those that the other side says it does not have."""

    @property
    def is_stuck(self) -> bool:
        """Whether the other side has more and gives no way on: its cursor goes back or stands still."""
        return self.has_more and self.following is None


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many records of a status and business type the other side holds, and the digest of them."""

    status: str
    business_type: str
    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How often reading is tried, and how long the pauses are."""

    attempts: int = 5
    total_seconds: float = 120.0
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 20.0
    jitter_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class ContractClient:
    """A contract system of one vendor behind a transport."""

    vendor: Vendor
    transport: Transport
    patience: Patience = Patience()

    def close(self) -> None:
        """Give back connections."""
        self.transport.close()

    def pull(self, position: Position, limit: int | None = None) -> Page:
        """The next page of changed records. Raises NotAnswered, BadAnswer or Refused."""
        return self._page(position, limit, {})

    def pull_bucket(self, status: str, business_type: str, position: Position) -> Page:
        """The next page of records of one status and business type, in the codes of the vendor."""
        return self._page(position, None, {"status": status, "business_type": business_type})

    def fetch(self, ids: Iterable[str]) -> Page:
        """Single records by id, and which of them the other side says it does not have."""
        wanted = ",".join(ids)
        return self._page(START, None, {"ids": wanted})

    def counts(self) -> tuple[Bucket, ...]:
        """What the other side holds, by status and business type; deleted records are not counted."""
        return self._patiently(self._counts)

    def push(self, topic: str, message: Mapping[str, Json], key: str) -> None:
        """Write back one appointment or outcome; the same key twice counts once. Raises as `pull` does."""
        writing = self.vendor.writing
        path = writing.appointments if topic == "appointment" else writing.outcomes
        body = json.dumps(vendor_message(self.vendor, topic, message), ensure_ascii=False).encode()
        content = self._content(self.transport.send(Call("POST", path, body=body, headers={"Idempotency-Key": key})))
        if writing.saved is not None and _inside(content, writing.saved.at) != writing.saved.equals:
            raise _bad_answer("NO_SUCCESS")

    def _page(self, position: Position, limit: int | None, filters: Mapping[str, str]) -> Page:
        return self._patiently(lambda: self._one_page(position, limit, filters))

    def _one_page(self, position: Position, limit: int | None, filters: Mapping[str, str]) -> Page:
        reading = self.vendor.reading
        call = Call("GET", reading.path, self._query(position, limit, filters))
        content = self._content(self.transport.send(call))
        rows, more = _inside(content, reading.rows), _inside(content, reading.more)
        absent = _texts(_inside(content, reading.absent)) if "ids" in filters else ()
        if not isinstance(rows, list) or not isinstance(more, bool) or absent is None:
            raise _bad_answer("BAD_PAGE")
        following = self._following(position, rows) if more else None
        return Page(tuple(rows), more, following, absent)

    def _query(self, position: Position, limit: int | None, filters: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        reading = self.vendor.reading
        words = {"limit": str(min(limit or reading.most_rows, reading.most_rows)), **filters}
        if position.moment is not None:
            words["moment"] = write_moment(position.moment, self.vendor.formats)
        if reading.style == "numbered":
            words["page"] = str(position.number)
        elif position.moment is not None:
            words["id"] = position.external_id
        return tuple((reading.parameters[word], text) for word, text in words.items())  # type: ignore[index]

    def _following(self, position: Position, rows: list[Json]) -> Position | None:
        """Reckoned from the rows alone: a cursor that the other side gives could go back."""
        last = max((found for row in rows if (found := self.position_of(row))), key=_order, default=None)
        is_numbered = self.vendor.reading.style == "numbered"
        if is_numbered and (last is None or last.moment == position.moment):
            return replace(position, number=position.number + 1) if rows else None
        if last is None or not position.is_before(last):
            return None
        return replace(last, external_id="") if is_numbered else last

    def position_of(self, row: Json) -> Position | None:
        """Where a row stands in the order of changes, or None where that cannot be read."""
        fields = self.vendor.fields
        moment, external_id = _inside(row, fields["updated_at"]), _inside(row, fields["external_id"])
        if not isinstance(moment, str) or not isinstance(external_id, str):
            return None
        found = find_moment(moment, self.vendor.formats)
        return Position(found, external_id) if found is not None else None

    def _counts(self) -> tuple[Bucket, ...]:
        counting = self.vendor.counting
        content = self._content(self.transport.send(Call("GET", counting.path)))
        rows = _inside(content, counting.rows)
        if not isinstance(rows, list):
            raise _bad_answer("BAD_COUNTS")
        return tuple(self._bucket(row) for row in rows)

    def _bucket(self, row: Json) -> Bucket:
        counting = self.vendor.counting
        words = [_inside(row, word) for word in (counting.status, counting.business_type, counting.digest)]
        count = _inside(row, counting.count)
        if isinstance(count, bool) or not isinstance(count, int) or not all(isinstance(word, str) for word in words):
            raise _bad_answer("BAD_COUNTS")
        status, business_type, digest = map(str, words)
        return Bucket(status, business_type, count, digest)

    def _content(self, answer: Answer) -> Json:
        """The JSON of an answer that says that it is one of success."""
        if answer.content_type.partition(";")[0].strip().lower() != "application/json":
            raise _bad_answer("NOT_JSON")
        try:
            content = read_json(answer.body)
        except NotJson:
            raise _bad_answer("NOT_JSON") from None
        success = self.vendor.success
        if success is not None and (found := _inside(content, success.at)) != success.equals:
            raise error_of(found) if isinstance(found, int) and 300 <= found < 600 else _bad_answer("NO_SUCCESS")
        return content

    def _patiently(self, ask: Callable[[], Got]) -> Got:
        patience = self.patience
        for attempt in stamina.retry_context(
            on=_is_worth_another,
            attempts=patience.attempts,
            timeout=timedelta(seconds=patience.total_seconds),
            wait_initial=patience.first_wait_seconds,
            wait_max=patience.longest_wait_seconds,
            wait_jitter=patience.jitter_seconds,
        ):
            with attempt:
                return ask()
        raise AssertionError("stamina ends with an answer or an error")


def vendor_message(vendor: Vendor, topic: str, message: Mapping[str, Json]) -> dict[str, Json]:
    """An appointment or outcome in the vendor's words; what the vendor has no field for is left out."""
    writing = vendor.writing
    fields = writing.appointment_fields if topic == "appointment" else writing.outcome_fields
    return {name: _vendor_value(vendor, key, message[key]) for key, name in fields.items()
            if message.get(key) is not None}  # fmt: skip


def _vendor_value(vendor: Vendor, key: str, value: Json) -> Json:
    if key == "state":
        return vendor.writing.states[str(value)]  # type: ignore[index]
    if key == "half_day":
        return vendor.writing.half_days[str(value)]  # type: ignore[index]
    if key in {"plan_status", "visit_way", "visit_effect", "no_visit_reason"} and isinstance(value, int | str):
        return vendor.vendor_code_of(key, value) if key in vendor.codes or vendor.formats.codes_as_text else value
    if key in {"start", "end"}:
        return write_moment(datetime.fromisoformat(str(value)), vendor.formats)
    if key in {"plan_date", "done_on", "next_date"}:
        return datetime.fromisoformat(str(value)).strftime(vendor.formats.date)
    if isinstance(value, list) and vendor.formats.separator:
        return vendor.formats.separator.join(map(str, value))
    return value


def _is_worth_another(error: Exception) -> bool | float:
    """A pause asked for by the other side is kept."""
    if isinstance(error, NotAnswered):
        return error.wait_seconds or True
    return isinstance(error, BadAnswer)


def _order(position: Position) -> tuple[datetime, str]:
    assert position.moment is not None
    return position.moment, position.external_id


def _inside(content: Json, path: str) -> Json:
    for word in path.split("."):
        content = content.get(word) if isinstance(content, dict) else None
    return content


def _texts(value: Json) -> tuple[str, ...] | None:
    """A list of texts, or None where it is none."""
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        return None
    return tuple(map(str, value))


_WORDS = {
    "NOT_JSON": ("应答不是 JSON", "the answer is no JSON"),
    "BAD_PAGE": ("应答中没有记录列表", "the answer has no list of records"),
    "BAD_COUNTS": ("应答中没有计数", "the answer has no counts"),
    "NO_SUCCESS": ("应答没有表示成功", "the answer does not say that it succeeded"),
}


def _bad_answer(code: str) -> ContractError:
    return BadAnswer(code, *_WORDS[code])
