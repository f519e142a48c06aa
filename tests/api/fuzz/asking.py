"""From a generated case to the request that is sent: real ids in most places, documents that nearly fit, a caller."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any
from urllib.parse import quote

from api.access.permissions import PERMISSIONS, PUBLIC, Role
from api.contract.signatures import sign
from api.store.base import now
from tests.api.fhir.resources import a_request, a_task
from tests.api.fuzz.ground import PASSWORD, PERSON, WEBHOOK_SECRET, WEEK, Ground
from tests.api.fuzz.pools import Pools

REAL_SHARE = 0.85
"""Of the ids and words of a request that are put in from the store."""
GOOD_SHARE = 0.4
"""Of the bodies that begin as one that fits."""
ALLOWED_SHARE = 0.85
"""Of the requests that come from somebody who may do it."""
STRANGE: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**31, 2**53, 2**63, 2**70, -(2**63) - 1, 0.5, 1e300, -0.0),
    *(
        "",
        " ",
        "\u0000",
        "\ud83d\ude00",
        "x" * 3000,
        "王",
        "'; --",
        "%00",
        "../..",
        "2026-02-30",
        "9999-12-31",
        "0001-01-01",
    ),
    *([], {}, [None], {"": ""}, [[[]]], {"kind": "x"}),
)
ASCII_TAG = '"{}"'


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as the test client takes it."""

    method: str
    url: str
    headers: dict[str, str]
    params: list[tuple[str, str | int | float | bool | None]]
    content: bytes | None = None
    files: list[tuple[str, tuple[str, bytes]]] | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Makes requests on one world."""

    ground: Ground
    connection: sqlite3.Connection
    fresh_login: Callable[[], str]

    def ask(self, operation: Any, case: Any, pools: Pools, random: Random) -> Ask:
        """The request for a case."""
        path = operation.path
        for name in case.path_parameters or {}:
            word = pools.of_path(path, name, random) if random.random() < REAL_SHARE else None
            path = path.replace("{" + name + "}", quoted(word if word is not None else case.path_parameters[name]))
        params: list[tuple[str, str | int | float | bool | None]] = [
            (name, self._query_word(name, text_of(value), pools, random)) for name, value in (case.query or {}).items()
        ]
        headers = {name: value for name, value in dict(case.headers or {}).items() if name != "Authorization"}
        headers = {name: str(value).encode("latin-1", "replace").decode("latin-1") for name, value in headers.items()}
        headers |= self._headers(operation, path, random)
        content, files = None, None
        kinds = list(operation.definition.raw.get("requestBody", {}).get("content", {}))
        if kinds == ["multipart/form-data"]:
            files = self._files(random)
        elif kinds:
            body = self._body(operation, case, pools, random)
            content = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
            headers["Content-Type"] = kinds[0]
            if "webhooks" in path:
                headers |= self._signature(content, random)
        return Ask(operation.method.upper(), path, headers, params, content, files)

    def _query_word(self, name: str, value: str, pools: Pools, random: Random) -> str:
        word = pools.of_field(name, random) if random.random() < REAL_SHARE else None
        return value if word is None else text_of(word)

    def _headers(self, operation: Any, path: str, random: Random) -> dict[str, str]:
        named = {one["name"].lower() for one in operation.definition.raw.get("parameters", ()) if one["in"] == "header"}
        headers = self._credentials(operation.definition.raw.get("x-action"), random)
        if named & {"if-match", "if-none-match"} and random.random() < (REAL_SHARE if "if-match" in named else 0.3):
            tag = ASCII_TAG.format(self._version(path) if random.random() < REAL_SHARE else 1)
            headers |= {"If-Match": tag} if "if-match" in named else {"If-None-Match": tag}
        if "idempotency-key" in named and random.random() < REAL_SHARE:
            headers["Idempotency-Key"] = f"fuzz-key-{random.randrange(10 ** random.choice((1, 9))):09d}"
        return headers

    def _credentials(self, action: str | None, random: Random) -> dict[str, str]:
        if random.random() < 0.03:
            return random.choice(({}, {"Authorization": "Bearer xzk_no"}, {"Authorization": "Basic eDp5"}))
        if action == PUBLIC or action is None:
            return {}
        may = [role for role in Role if role in PERMISSIONS[action]]
        if action == "self:manage":
            return {"Authorization": f"Bearer {self.fresh_login()}"}
        role = random.choice(may if may and random.random() < ALLOWED_SHARE else list(Role))
        return {"Authorization": f"Bearer {self.ground.secrets[role]}"}

    def _version(self, path: str) -> int:
        """The version of the row that a path names, or 1."""
        words = path.replace(":", "/").strip("/").split("/")
        for before, word in pairwise(words):
            if len(word) == 32:
                table = {"sources": "contract_sources"}.get(before, before.replace("-", "_"))
                try:
                    found = self.connection.execute(f"SELECT version FROM {table} WHERE id = ?", (word,)).fetchone()
                except sqlite3.OperationalError:
                    return 1
                return int(found[0]) if found else 1
        return 1

    def _body(self, operation: Any, case: Any, pools: Pools, random: Random) -> Any:
        good = self._good(operation, pools, random) if random.random() < GOOD_SHARE else None
        if good is not None:
            for _ in range(random.choice((0, 0, 1, 1, 2, 4))):
                good = mutated(good, random)
            return good
        body = case.body if _is_json(case.body) else {}
        return with_words(body, pools, random)

    def _good(self, operation: Any, pools: Pools, random: Random) -> Any:
        """A body that fits, where one is known."""
        path = operation.path
        documents: dict[str, Callable[[], Any]] = {
            "/v1/solve": lambda: json.loads(self.ground.problem),
            "/v1/check": lambda: {"problem": json.loads(self.ground.problem), "plan": json.loads(self.ground.plan)},
            "/v1/plans/{row_id}:check": lambda: {"plan": json.loads(self.ground.plan)},
            "/v1/plans": lambda: {"week": WEEK, "iterations": 10},
            "/v1/plans/{row_id}/edits": lambda: {"edits": [_an_edit(pools, random)], "dry_run": random.random() < 0.3},
            "/v1/plans/{row_id}:recommend": lambda: {"follow_up": pools.of_field("follow_up", random), "most": 2},
            "/v1/login": lambda: {"name": PERSON, "password": PASSWORD},
            "/v1/feeds": lambda: {"plan_id": pools.of_field("plan_id", random), "crew": pools.of_field("crew", random)},
            "/fhir/R4B/ServiceRequest": lambda: self._fhir(a_request(), pools, random),
            "/fhir/R4B/Task": lambda: self._fhir(a_task(), pools, random),
            "/v1/webhooks/contract": lambda: _an_event(pools, random),
        }
        if path in documents:
            return documents[path]()
        return self._like_a_row(operation, pools, random)

    def _fhir(self, resource: dict[str, Any], pools: Pools, random: Random) -> dict[str, Any]:
        text = json.dumps(resource)
        for word, name in (("R0000", "resident"), ("V00", "site"), ("F0000", "follow_up")):
            for number in "12":
                text = text.replace(word + number, json.dumps(str(pools.of_field(name, random)))[1:-1])
        found: dict[str, Any] = json.loads(text)
        return found

    def _like_a_row(self, operation: Any, pools: Pools, random: Random) -> Any:
        """The fields of a stored row that the body knows."""
        table = operation.path.split("/")[2].replace("-", "_")
        schema = resolved(operation.schema.raw_schema, _body_schema(operation))
        try:
            cursor = self.connection.execute(f"SELECT * FROM {table} ORDER BY random() LIMIT 1")
        except sqlite3.OperationalError:
            return None
        row = cursor.fetchone()
        if row is None or "properties" not in schema:
            return None
        values = dict(zip([one[0] for one in cursor.description], row, strict=True))
        found = {name: values.get(name) for name in schema["properties"] if name in values}
        found = {
            name: bool(value) if "boolean" in json.dumps(schema["properties"][name]) else value
            for name, value in found.items()
            if not isinstance(value, bytes) and value is not None
        }
        if "POST" in operation.method.upper() and "external_id" in found:
            found["external_id"] = f"N{random.randrange(10**6)}"
        return found

    def _files(self, random: Random) -> list[tuple[str, tuple[str, bytes]]]:
        sheets = ("sites", "teams", "members", "vehicles", "sessions", "settings", "followups")
        found = []
        for sheet in random.sample(sheets, random.choice((1, 1, 2, 6))):
            content = bytearray((self.ground.folder / f"{sheet}.csv").read_bytes())
            for _ in range(random.choice((0, 0, 1, 20))):
                content[random.randrange(len(content))] = random.randrange(256)
            found.append(("files", (f"{sheet}.{random.choice(('csv', 'csv', 'csv', 'xlsx', 'txt'))}", bytes(content))))
        return found

    def _signature(self, content: bytes, random: Random) -> dict[str, str]:
        rows = self.connection.execute("SELECT id FROM contract_sources ORDER BY rowid LIMIT 2").fetchall()
        signed = sign(WEBHOOK_SECRET, f"e{random.randrange(200)}", now(), content)
        return {**signed.headers, "webhook-source": random.choice(rows)[0]}


def text_of(value: Any) -> str:
    """A value as it stands in a query."""
    return json.dumps(value) if not isinstance(value, str) else value


def quoted(value: Any) -> str:
    """A value as it stands in a path."""
    return quote(text_of(value).encode("utf-8", "replace").decode(), safe="") or "%20"


def _is_json(body: Any) -> bool:
    try:
        json.dumps(body)
    except (TypeError, ValueError):
        return False
    return True


def _body_schema(operation: Any) -> Any:
    content = operation.definition.raw["requestBody"]["content"]
    return next(iter(content.values())).get("schema", {})


def resolved(document: Any, schema: Any) -> Any:
    """A schema without references on its outside."""
    while "$ref" in schema:
        found = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def with_words(value: Any, pools: Pools, random: Random, name: str = "") -> Any:
    """The value with words from the store where a field's name asks for them."""
    if isinstance(value, dict):
        return {key: with_words(inner, pools, random, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_words(inner, pools, random, name) for inner in value]
    word = pools.of_field(name, random) if random.random() < REAL_SHARE else None
    return value if word is None else word


def mutated(value: Any, random: Random) -> Any:
    """The value with one place changed, taken away or doubled."""
    if not isinstance(value, dict | list) or not value or random.random() < 0.1:
        return random.choice(STRANGE)
    if isinstance(value, dict):
        key = random.choice(list(value))
        if random.random() < 0.1:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: mutated(value[key], random)}
    place = random.randrange(len(value))
    kind = random.random()
    middle = [] if kind < 0.1 else [value[place]] * 2 if kind < 0.2 else [mutated(value[place], random)]
    return [*value[:place], *middle, *value[place + 1 :]]


def _an_edit(pools: Pools, random: Random) -> dict[str, Any]:
    """A change that a leader may make."""

    def word(name: str) -> Any:
        return pools.of_field(name, random)

    half_day = {"date": random.choice(("2026-11-23", "2026-11-25", "2026-11-27")), "half": random.choice(("am", "pm"))}
    places: tuple[dict[str, Any], ...] = (
        {"kind": "later"},
        {"kind": "at_home", "crew": word("crew")},
        {"kind": "at_stop", "crew": word("crew"), "position": random.randrange(4)},
        {"kind": "at_session", "session": word("session")},
        {"kind": "by_phone", "member": word("member"), "half_day": half_day},
        {
            "kind": "at_home",
            "crew": {"half_days": [half_day], "members": [word("member"), word("member")], "vehicle": word("vehicle")},
        },
    )
    edits: tuple[dict[str, Any], ...] = (
        {"kind": "drop_follow_up", "follow_up": word("follow_up")},
        {"kind": "add_follow_up", "follow_up": word("follow_up"), "to": random.choice(places)},
        {"kind": "move_follow_up", "follow_up": word("follow_up"), "to": random.choice(places)},
        {"kind": "move_stop", "crew": word("crew"), "position": random.randrange(4), "to_crew": word("crew")},
        {"kind": "add_stop", "follow_ups": [word("follow_up")], "crew": word("crew")},
        {"kind": "move_session", "session": word("session"), "half_day": half_day},
        {"kind": "add_session", "session": word("session"), "half_day": half_day, "crew": word("crew")},
        {"kind": "drop_session", "session": word("session")},
        {"kind": "reassign_member", "crew": word("crew"), "leaves": word("member"), "joins": word("member")},
        {"kind": "swap_vehicle", "crew": word("crew"), "vehicle": word("vehicle")},
        {"kind": "pin", "target": word("target"), "level": "day"},
        {"kind": "unpin", "target": word("target")},
    )
    return random.choice(edits)


def _an_event(pools: Pools, random: Random) -> dict[str, Any]:
    """An event of the contract system."""
    reading = {
        "reading_id": f"B{random.randrange(99)}",
        "resident_id": pools.of_field("resident", random),
        "kind": "blood_pressure",
        "level": "emergency",
        "measured_at": "2026-11-20T07:30:00+08:00",
    }
    return {"type": random.choice(("reading.abnormal", "follow_up.changed", "referral.made")), "data": reading}
