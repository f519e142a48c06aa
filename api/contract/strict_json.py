"""JSON as the standard says: UTF-8, no field twice, no NaN, not too deep, numbers of moderate length."""

import json
import math
from typing import Any

from api.contract.cells import Json

DEEPEST = 32
LONGEST_NUMBER = 40


class NotJson(ValueError):
    """Bytes that are no strict JSON; the message holds no word of them."""


def read_json(body: bytes) -> Json:
    """The value of a JSON text. Raises NotJson."""
    try:
        value: Json = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_whole,
        )
    except UnicodeDecodeError:
        raise NotJson("not UTF-8") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"no JSON at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise NotJson(f"deeper than {DEEPEST}") from None
    _judge_depth(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise NotJson("a field is given twice")
    return content


def _refuse(name: str) -> Any:
    raise NotJson(f"{name} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise NotJson("a number is too large")
    return value


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise NotJson("a number is too long")
    return int(text)


def _judge_depth(value: Json) -> None:
    level: list[Json] = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for item in level
            if isinstance(item, list | dict)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise NotJson(f"deeper than {DEEPEST}")
