"""Requests made from the OpenAPI document: every operation with ids of one organisation and a small body that fits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.api.access.seeds import DAY, FIXED, SITE, WEEK, Seeds

METHODS = ("get", "put", "post", "patch", "delete")
RANDOM_ID = "0123456789abcdef" * 2
WORDS = {
    **FIXED,
    "day": DAY.isoformat(),
    "slug": "not-found",
    "kind": "village",
    "role": "GP",
    "phone": "13900000001",
    "url": "http://127.0.0.1:9/",
    "base_url": "http://127.0.0.1:9/",
}
"""Values by the name of a field, where a schema alone does not say enough."""
FIELDS = {
    "/v1/feeds": ("plan_id", "crew"),
    "/v1/residents:lookup": ("organisation_id", "phone"),
}
"""Bodies of which only some fields go together."""
NOT_TABLES = {
    "runs": "sync_runs",
    "sources": "contract_sources",
    "subscriptions": "webhook_subscriptions",
}
"""Tables of which the address says another name."""
FILE = ("sites.csv", f"id,kind,latitude,longitude\n{SITE},base,36.7,118.8\n".encode())
_numbers = count()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    content: Mapping[str, Any] = field(repr=False)

    @property
    def action(self) -> str | None:
        """What a caller must be allowed to do; None when nobody has decided."""
        found = self.content.get("x-action")
        return str(found) if found is not None else None

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the test client takes it."""

    method: str
    url: str
    params: dict[str, str]
    headers: dict[str, str]
    json: Any
    form: dict[str, Any] | None
    files: list[tuple[str, tuple[str, bytes]]] | None
    names_rows: bool
    """Whether it names the organisation or one of its rows."""


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """All operations; those that read first, those that take away last."""
    found = [
        Operation(method, path, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]
    return sorted(found, key=lambda operation: (METHODS.index(operation.method), operation.path))


def call_of(operation: Operation, document: Mapping[str, Any], seeds: Seeds) -> Call:
    """The operation asked for rows of one organisation."""
    sampler = _Sampler(document, seeds)
    url, params, headers = operation.path, {}, {"If-Match": '"1"', "Idempotency-Key": f"matrix-{next(_numbers):06d}"}
    for parameter in operation.content.get("parameters", ()):
        name, place = parameter["name"], parameter["in"]
        if place == "path":
            url = url.replace("{" + name + "}", sampler.path_value(operation.path, name))
        elif place == "query" and (parameter.get("required") or name in sampler.ids_by_field):
            params[name] = str(sampler.value(name, parameter["schema"]))
    bodies = operation.content.get("requestBody", {}).get("content", {})
    json, form, files = None, None, None
    if "application/json" in bodies:
        json = sampler.body(bodies["application/json"]["schema"], FIELDS.get(operation.path))
    elif "multipart/form-data" in bodies:
        fields = sampler.body(bodies["multipart/form-data"]["schema"], None)
        form = {name: value for name, value in fields.items() if not name.startswith("file")}
        files = [(name, FILE) for name in fields if name.startswith("file")]
    return Call(operation.method, url, params, headers, json, form, files, sampler.has_named)


class _Sampler:
    """Small values that fit a schema, with ids of one organisation where a name asks for them."""

    def __init__(self, document: Mapping[str, Any], seeds: Seeds) -> None:
        self.document, self.seeds = document, seeds
        self.has_named = False
        singular = {f"{table.removesuffix('s')}_id": row_id for table, row_id in seeds.ids.items()}
        self.ids_by_field = {**singular, "organisation_id": seeds.organisation_id, "parent_id": seeds.organisation_id}
        plan_id = seeds.ids.get("plans", RANDOM_ID)
        self.ids_by_field |= {"plan_id": plan_id, "base_plan_id": plan_id, "other": plan_id}

    def path_value(self, path: str, name: str) -> str:
        """The value of a path parameter: an id of the table that the path names."""
        if name in self.ids_by_field:
            return self._named(self.ids_by_field[name])
        if name in WORDS:
            return WORDS[name]
        before = path.split("{" + name + "}")[0].strip("/").split("/")
        for word in reversed(before):
            table = word.partition(":")[0].replace("-", "_")
            table = NOT_TABLES.get(table, table)
            if table in self.seeds.ids:
                return self._named(self.seeds.ids[table])
        return RANDOM_ID

    def body(self, schema: Mapping[str, Any], wanted: tuple[str, ...] | None) -> Any:
        """A small body; of an object with `wanted` these fields and no others."""
        if wanted is None:
            return self.value("body", schema)
        properties = self._resolved(schema)["properties"]
        return {name: self.value(name, properties[name]) for name in wanted}

    def value(self, name: str, schema: Mapping[str, Any]) -> Any:
        """A small value for a schema."""
        schema = self._resolved(schema)
        if name in self.ids_by_field:
            return self._named(self.ids_by_field[name])
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self.value(name, schema[choice][0])
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        return self._of_type(name, schema)

    def _of_type(self, name: str, schema: Mapping[str, Any]) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if kind == "object":
            return dict(self._fields(schema))
        if kind == "array":
            return [self.value(name, schema.get("items", {})) for _ in range(schema.get("minItems", 0))]
        if kind in {"integer", "number"}:
            return max(schema.get("minimum", 1), 1)
        if kind == "boolean":
            return False
        return self._text(name, schema)

    def _fields(self, schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        required = schema.get("required", ())
        for name, inner in schema.get("properties", {}).items():
            if name in required or name in self.ids_by_field:
                yield name, self.value(name, inner)

    def _text(self, name: str, schema: Mapping[str, Any]) -> str:
        if name in WORDS:
            return WORDS[name]
        forms = {"date": DAY.isoformat(), "date-time": f"{DAY.isoformat()}T08:00:00+08:00"}
        if schema.get("format") in forms:
            return forms[schema["format"]]
        pattern, length = str(schema.get("pattern", "")), int(schema.get("minLength", 1))
        if "0-9a-f" in pattern:
            return RANDOM_ID
        return WEEK if "W(0" in pattern else "x9" * max(1, (length + 1) // 2)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            found: Any = self.document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            schema = found
        return schema

    def _named(self, row_id: str) -> str:
        self.has_named = True
        return row_id
