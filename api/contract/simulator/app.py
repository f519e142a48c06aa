"""The simulator's HTTP side: the paths of every vendor file, and `/control` for whoever runs the play."""

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import numpy as np
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from api.contract.cells import Json, find_moment, write_moment
from api.contract.simulator.answers import Weathered
from api.contract.simulator.faults import OF_PAGES, OF_WIRE, FaultKind, Weather
from api.contract.simulator.system import ContractSystem, Held, WriteBack, edit_some
from api.contract.strict_json import NotJson, read_json
from api.contract.vendors import Vendor, get_vendor, list_vendors

DEMO_KEY = "demo-key"
SKEW_HOURS = 5


class FaultsWanted(BaseModel):
    """Faults by chance (rates from 0 to 1) or on demand, one per request that they fit."""

    model_config = ConfigDict(extra="forbid")
    rates: dict[FaultKind, Annotated[float, Field(ge=0, le=1)]] = {}
    seed: int = Field(default=0, ge=0)
    next: list[FaultKind] = []
    delay_seconds: float = Field(default=0.05, ge=0, le=60)


class EditsWanted(BaseModel):
    """How many records somebody edits."""

    model_config = ConfigDict(extra="forbid")
    count: int = Field(default=1, ge=1, le=1000)
    seed: int = Field(default=0, ge=0)


class ClockWanted(BaseModel):
    """How far the system's clock is off."""

    model_config = ConfigDict(extra="forbid")
    offset_seconds: float = Field(ge=-1e7, le=1e7)


def create_simulator(
    system: ContractSystem, sheets: dict[str, list[dict[str, str]]] | None = None, key: str = DEMO_KEY
) -> FastAPI:
    """The application of a contract system with these records; `sheets` is the township it belongs to."""
    app = FastAPI(title="Contract-system simulator", openapi_url=None, docs_url=None, redoc_url=None)
    weather = Weather()
    app.state.weather = weather
    for name in list_vendors():
        _add_vendor(app, get_vendor(name), system, weather, key)
    _add_control(app, system, weather, sheets or {})
    return app


def _add_vendor(app: FastAPI, vendor: Vendor, system: ContractSystem, weather: Weather, key: str) -> None:
    def is_known(request: Request) -> bool:
        return not key or request.headers.get("authorization") == f"Bearer {key}"

    def answered(content: Json, status: int = 200) -> Response:
        return Weathered(_wrapped(vendor, content, status), weather.draw(OF_WIRE), weather.delay_seconds, status)

    async def list_rows(request: Request) -> Response:
        if not is_known(request):
            return JSONResponse({"error": "key"}, 401)
        query = dict(request.query_params)
        try:
            return answered(_page(vendor, system, weather, query))
        except ValueError:
            return answered({}, 400)

    async def count_rows(request: Request) -> Response:
        if not is_known(request):
            return JSONResponse({"error": "key"}, 401)
        counting, content = vendor.counting, dict[str, Json]()
        rows: list[Json] = [
            {counting.status: status, counting.business_type: business, counting.count: count, counting.digest: digest}
            for (status, business), (count, digest) in sorted(system.buckets(vendor).items())
        ]
        _put(content, counting.rows, rows)
        return answered(content)

    def writer(topic: str) -> Any:
        async def write(request: Request) -> Response:
            if not is_known(request):
                return JSONResponse({"error": "key"}, 401)
            faults = weather.draw(OF_WIRE)
            if (
                set(faults) - {FaultKind.DELAY} and weather.rng.random() < 0.5
            ):  # it fails before anything was written down
                return Weathered({}, faults, weather.delay_seconds)
            content, status = _write(vendor, system, topic, request.headers.get("idempotency-key"),
                                     await request.body())  # fmt: skip
            return Weathered(_wrapped(vendor, content, status), faults, weather.delay_seconds, status)

        return write

    app.add_api_route(vendor.reading.path, list_rows, methods=["GET"], name=f"{vendor.name} rows")
    app.add_api_route(vendor.counting.path, count_rows, methods=["GET"], name=f"{vendor.name} counts")
    writing = vendor.writing
    for topic, path in (("appointment", writing.appointments), ("outcome", writing.outcomes)):
        app.add_api_route(path, writer(topic), methods=["POST"], name=f"{vendor.name} {topic}")


def _page(vendor: Vendor, system: ContractSystem, weather: Weather, query: dict[str, str]) -> dict[str, Json]:
    """A page of rows as asked for, and then as the weather wants it. Raises ValueError on a wrong query."""
    reading, faults = vendor.reading, weather.draw(OF_PAGES)
    words = {word: query[name] for word, name in reading.parameters.items() if name in query}
    content: dict[str, Json] = {}
    if FaultKind.CHANGING in faults:
        edit_some(system, 2, weather.rng)
    if "ids" in words:
        found, absent = system.find(vendor, words["ids"].split(","))
        _put(content, reading.absent, list(absent))
        has_more = False
    else:
        moment = find_moment(words["moment"], vendor.formats) if "moment" in words else None
        limit, number = int(words.get("limit", 100)), int(words.get("page", 1))
        if FaultKind.CURSOR_BACK in faults and moment is not None:
            moment -= timedelta(days=2)
        filters = {name: words[word] for word, name in (("status", "plan_status"), ("business_type", "business_type"))
                   if word in words}  # fmt: skip
        offset = (number - 1) * limit if reading.style == "numbered" else 0
        external_id = words.get("id", "") if reading.style == "keyset" else None
        found, has_more = system.page(vendor, moment, external_id, filters, offset, min(limit, reading.most_rows))
    rows, is_cut = _spoilt(vendor, system, found, faults, weather.rng)
    _put(content, reading.rows, rows)
    _put(content, reading.more, has_more and not is_cut)
    return content


def _spoilt(
    vendor: Vendor, system: ContractSystem, found: list[Held], faults: list[FaultKind], rng: np.random.Generator
) -> tuple[list[Json], bool]:
    """The rows with the page's faults, and whether the page says that it is the last."""
    rows: list[Json] = [*system.rows(vendor, found)]
    if FaultKind.CLOCK_SKEW in faults:
        shift = timedelta(hours=SKEW_HOURS if rng.random() < 0.5 else -SKEW_HOURS)
        rows = [_shifted(vendor, row, shift) for row in rows]
    if FaultKind.PARTIAL in faults:
        rows = [row for row in rows if rng.random() < 0.6]
    if FaultKind.DUPLICATES in faults:
        rows += [_earlier(vendor, row) if rng.random() < 0.3 else row for row in rows if rng.random() < 0.4]
    if FaultKind.REORDER in faults:
        rows = [rows[int(place)] for place in rng.permutation(len(rows))]
    return rows, FaultKind.PARTIAL in faults


def _shifted(vendor: Vendor, row: Json, shift: timedelta) -> Json:
    assert isinstance(row, dict)
    name = vendor.fields["updated_at"]
    moment = find_moment(str(row[name]), vendor.formats) or datetime.now(UTC)
    return {**row, name: write_moment(moment + shift, vendor.formats)}


def _earlier(vendor: Vendor, row: Json) -> Json:
    """The same row as it was before its last change."""
    assert isinstance(row, dict)
    past = _shifted(vendor, row, -timedelta(hours=1))
    assert isinstance(past, dict)
    version = row.get("version")
    return {**past, "version": version - 1} if isinstance(version, int) else past


def _write(
    vendor: Vendor, system: ContractSystem, topic: str, key: str | None, body: bytes
) -> tuple[dict[str, Json], int]:
    fields = vendor.writing.appointment_fields if topic == "appointment" else vendor.writing.outcome_fields
    try:
        content = read_json(body)
    except NotJson:
        return {}, 400
    if not isinstance(content, dict) or not key or set(content) - set(fields.values()):
        return {}, 400
    external_id = content.get(fields["external_id"])
    try:
        entry = WriteBack(key, vendor.name, topic, str(external_id), content)
        is_same = system.write(entry, _outcome(vendor, content) if topic == "outcome" else {})
    except KeyError:
        return {}, 404
    return ({"saved": True}, 200) if is_same else ({}, 422)


def _outcome(vendor: Vendor, content: dict[str, Json]) -> dict[str, Json]:
    """The codes of an outcome as canonical values."""
    fields = vendor.writing.outcome_fields
    codes = ("plan_status", "visit_way", "visit_effect", "no_visit_reason")
    found = {name: content.get(fields[name]) for name in codes if name in fields}
    return {name: vendor.code_of(name, str(value)) for name, value in found.items() if value is not None}


def _wrapped(vendor: Vendor, content: Json, status: int) -> Json:
    """The content with the vendor's own word of success or failure."""
    if vendor.success is None or not isinstance(content, dict):
        return content
    return {**content, vendor.success.at: vendor.success.equals if status == 200 else status}


def _put(content: dict[str, Json], path: str, value: Json) -> None:
    *parents, last = path.split(".")
    for word in parents:
        inner = content.setdefault(word, {})
        assert isinstance(inner, dict)
        content = inner
    content[last] = value


def _add_control(
    app: FastAPI, system: ContractSystem, weather: Weather, sheets: dict[str, list[dict[str, str]]]
) -> None:
    @app.post("/control/faults")
    async def set_faults(wanted: FaultsWanted) -> dict[str, Any]:
        """Let faults come by chance or on demand."""
        weather.storm(wanted.rates, wanted.seed)
        weather.wanted = deque(wanted.next)
        weather.delay_seconds = wanted.delay_seconds
        return {"rates": weather.rates, "next": list(weather.wanted)}

    @app.get("/control/faults")
    async def get_faults() -> dict[str, Any]:
        """Which faults are set and how many came so far."""
        return {"rates": weather.rates, "next": list(weather.wanted), "counts": weather.counts}

    @app.delete("/control/faults")
    async def clear_faults() -> dict[str, Any]:
        """No more faults."""
        weather.quiet()
        return {"rates": {}, "next": []}

    @app.post("/control/edits")
    async def edit(wanted: EditsWanted) -> dict[str, Any]:
        """Somebody edits records."""
        done = edit_some(system, wanted.count, np.random.default_rng(wanted.seed))
        return {"edits": [{"edit": edit, "external_id": name} for edit, name in done]}

    @app.post("/control/clock")
    async def set_clock(wanted: ClockWanted) -> dict[str, Any]:
        """Set the system's clock wrong, or right again with 0."""
        system.clock_offset = timedelta(seconds=wanted.offset_seconds)
        return {"now": system.now().isoformat()}

    @app.get("/control/write-backs")
    async def write_backs() -> dict[str, Any]:
        """What was written back, in the order of arrival, each key once."""
        with system.lock:
            rows = [{"key": w.key, "vendor": w.vendor, "topic": w.topic, "external_id": w.external_id,
                     "body": w.body, "times": w.times} for w in system.written.values()]  # fmt: skip
        return {"count": len(rows), "rows": rows}

    @app.get("/control/counts")
    async def counts() -> dict[str, Any]:
        """How many records and write-backs there are."""
        with system.lock:
            deleted = sum(held.is_deleted for held in system.held.values())
            topics = [written.topic for written in system.written.values()]
        return {
            "records": len(system.held) - deleted,
            "deleted": deleted,
            "appointments": topics.count("appointment"),
            "outcomes": topics.count("outcome"),
        }

    @app.get("/control/township/{sheet}")
    async def sheet_rows(sheet: str) -> Response:
        """The rows of a sheet of the township, in codes."""
        return JSONResponse({"rows": sheets[sheet]} if sheet in sheets else {}, 200 if sheet in sheets else 404)
