"""Pages of lists: opaque signed cursors over a stable order, and answers with only some of the fields."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field
from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import Session

from api.service.bodies import Body
from api.service.moments import as_json
from api.service.problems import ProblemError
from api.service.validation import unknown_name

DEFAULT_LIMIT, MOST_LIMIT = 100, 500
SIGNATURE_BYTES = 16
LONGEST_CURSOR = 2_000
LONGEST_FIELDS = 2_000


Fields = Annotated[
    str, Query(max_length=LONGEST_FIELDS, description="Names of the fields wanted, apart by commas; empty: all")
]


class PageQuery(Body):
    """The query of a list; lists with filters add theirs."""

    cursor: Annotated[str, Field(max_length=LONGEST_CURSOR)] = ""
    """`next_cursor` of the page before."""
    limit: Annotated[int, Field(ge=1, le=MOST_LIMIT)] = DEFAULT_LIMIT
    fields: Annotated[str, Field(max_length=LONGEST_FIELDS)] = ""
    """Names of the fields wanted, apart by commas; empty: all. `id` always comes."""

    def filters(self) -> dict[str, Any]:
        """What narrows the list."""
        given = self.model_dump(exclude={"cursor", "limit", "fields"}, mode="json")
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and the cursor of the next one, "" at the end."""

    rows: Sequence[Any]
    next_cursor: str


def read_page(
    session: Session,
    query: Select[Any],
    order: Sequence[Any],
    wanted: PageQuery,
    signing_key: bytes,
    name: str,
) -> Page:
    """The rows after the cursor, in ascending order of columns that are unique together and never null.

    Raises ProblemError when the cursor is not one that we gave for this list with these filters.
    """
    list_key = [name, wanted.filters()]
    if wanted.cursor:
        last = open_cursor(wanted.cursor, signing_key, list_key)
        if len(last) != len(order):
            raise ProblemError("BAD_CURSOR")
        query = query.where(_after(order, last))
    rows = session.scalars(query.order_by(*order).limit(wanted.limit + 1)).all()
    if len(rows) <= wanted.limit:
        return Page(rows, "")
    end = rows[wanted.limit - 1]
    values = [as_json(getattr(end, column.key)) for column in order]
    return Page(rows[: wanted.limit], seal_cursor(values, signing_key, list_key))


def _after(order: Sequence[Any], last: Sequence[Any]) -> ColumnElement[bool]:
    values = [_typed(column, value) for column, value in zip(order, last, strict=True)]
    return tuple_(*order) > tuple_(*values)


def _typed(column: Any, value: Any) -> Any:
    return date.fromisoformat(value) if column.type.python_type is date else value


def seal_cursor(values: Sequence[Any], signing_key: bytes, list_key: Any) -> str:
    """A cursor that nobody can make or change without the key, and that fits one list with its filters only."""
    text = json.dumps(list(values), ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(text, signing_key, list_key) + text).decode().rstrip("=")


def open_cursor(cursor: str, signing_key: bytes, list_key: Any) -> list[Any]:
    """The values of a cursor. Raises ProblemError."""
    try:
        content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ProblemError("BAD_CURSOR") from None
    signature, text = content[:SIGNATURE_BYTES], content[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(text, signing_key, list_key)):
        raise ProblemError("BAD_CURSOR")
    values: list[Any] = json.loads(text)
    return values


def _signature(text: bytes, signing_key: bytes, list_key: Any) -> bytes:
    message = json.dumps(["page cursor", list_key], sort_keys=True).encode() + b"\0" + text
    return hmac.new(signing_key, message, hashlib.sha256).digest()[:SIGNATURE_BYTES]


def wanted_fields(fields: str, known: Sequence[str], always: str = "id") -> tuple[str, ...]:
    """The names asked for and the one that always comes, or all. Raises ProblemError, a suggestion for each unknown."""
    names = [name.strip() for name in fields.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown:
        faults = [unknown_name(name, known, "query", "/fields") for name in unknown]
        raise ProblemError("INPUT_INVALID", errors=faults)
    return tuple(name for name in known if not names or name in names or name == always)


def sparse(view: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Only the fields of these names."""
    return {name: view[name] for name in names if name in view}
