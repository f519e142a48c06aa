"""Problems as answers (RFC 9457): a stable type and code, words in both languages, and every fault at once.

Values are shown shortened, and never where they could tell who somebody is.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.service.catalogue import ProblemKind, kind_of
from optimizer.tables.privacy import masked

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 200
LONGEST_SHOWN = 60
HIDDEN = "***"
PERSONAL_WORDS = (
    *("name", "phone", "mobile", "address", "id_card", "password", "secret", "token", "code", "key", "authorization"),
    *("cookie", "signature", "email", "note", "latitude", "longitude"),
)
"""A field whose name holds one of these is never shown."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One fault of a request: a stable code, where it is, what was found (masked) and expected, and what to do.

    `pointer` is a JSON pointer (RFC 6901) into the part of the request that `place` names: body, query, path, header,
    or "stored" for something that is kept already.
    """

    code: str
    pointer: str
    found: str
    expected: str
    advice_zh: str
    advice_en: str
    place: str = "body"

    def as_json(self) -> dict[str, str]:
        """The fault as the members of a JSON object."""
        return {
            "code": self.code,
            "in": self.place,
            "pointer": self.pointer,
            "found": self.found,
            "expected": self.expected,
            "advice_zh": self.advice_zh,
            "advice_en": self.advice_en,
        }


class ProblemError(HTTPException):
    """A request that is answered with a problem; raised anywhere below the application. Raises KeyError: no such code.

    Being an HTTPException it also passes through the framework's reading of bodies untouched.
    """

    def __init__(
        self,
        code: str,
        *,
        detail: str = "",
        errors: Iterable[FieldFault] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.kind = kind_of(code)
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        super().__init__(self.kind.status, detail, dict(headers or {}))


def problem_response(
    kind: ProblemKind,
    *,
    request_id: str = "",
    detail: str = "",
    errors: Iterable[FieldFault] = (),
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """A problem as an answer."""
    faults = list(errors)
    content = {
        **(extra or {}),
        "type": kind.type,
        "title": kind.title_en,
        "title_zh": kind.title_zh,
        "status": kind.status,
        "code": kind.code,
        "detail": detail or f"{kind.title_zh} / {kind.title_en}",
        "advice_zh": kind.advice_zh,
        "advice_en": kind.advice_en,
        "request_id": request_id,
        "errors": [fault.as_json() for fault in faults[:MOST_ERRORS]],
        "errors_total": len(faults),
    }
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    body = text.encode("utf-8", "backslashreplace")
    return Response(body, kind.status, {**(headers or {}), "Cache-Control": "no-store"}, MEDIA_TYPE)


def shown(value: object, name: str = "") -> str:
    """A value as it may be shown: short, in printable signs, hidden when the field is personal or secret."""
    if value is None:
        return "null"
    if is_hidden(name):
        return HIDDEN
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple | set | frozenset):
        return f"a list of {len(value)}"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = masked(value if isinstance(value, str) else str(value)[: LONGEST_SHOWN + 1])
    text = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def is_hidden(name: str) -> bool:
    """Whether the value of a field of this name is never shown."""
    return any(word in name.casefold() for word in PERSONAL_WORDS)


def pointer_of(path: Iterable[object]) -> str:
    """The JSON pointer of a path of names and indices."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
