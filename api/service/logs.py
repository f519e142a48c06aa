"""Structured logs, one JSON object per line, that never hold a word about a person.

Only fields of an allow-list are written. An exception is told by its type and the lines it came through, never by its
message, which may hold values.
"""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from typing import Any, TextIO

from api.service.moments import local_text
from api.store.base import now

NAME = "xunzhen"
FIELDS = (
    *("request_id", "method", "route", "status", "seconds", "bytes", "actor", "organisation_id", "job_id", "plan_id"),
    *("attempt", "state", "code", "count", "port", "host", "version", "mode", "engine", "reason"),
)
"""What a line may hold beside its moment, level and event; everything else is dropped."""
MOST_FRAMES = 12


class JsonLines(logging.Formatter):
    """A record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; for records of libraries only where they come from, since their words are not ours to judge."""
        is_ours = record.name == NAME or record.name.startswith(f"{NAME}.")
        line: dict[str, Any] = {
            "at": local_text(now()),
            "level": record.levelname.lower(),
            "event": record.getMessage() if is_ours else f"{record.name}:{record.funcName}",
        }
        if is_ours:
            line |= {name: record.__dict__[name] for name in FIELDS if name in record.__dict__}
        if record.exc_info and record.exc_info[1] is not None:
            line |= described(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def described(error: BaseException) -> dict[str, Any]:
    """An exception without its message: the types along its causes, and the innermost lines of code."""
    types: list[str] = []
    current: BaseException | None = error
    while current is not None and len(types) < MOST_FRAMES:
        types.append(type(current).__qualname__)
        current = current.__cause__ or current.__context__
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    return {
        "error": types,
        "frames": [f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    }


def start_logs(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send the logs of the service and of its server to a stream as JSON lines; replaces what was set up before."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    for name in (NAME, "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = True  # it writes addresses with their queries; ours does not


def log(
    event: str, fields: Mapping[str, object], level: int = logging.INFO, error: BaseException | None = None
) -> None:
    """Write one line: a fixed event such as "request", and fields of the allow-list. Raises KeyError on others."""
    unknown = fields.keys() - set(FIELDS)
    if unknown:
        raise KeyError(f"not on the allow-list of log fields: {sorted(unknown)}")
    logging.getLogger(NAME).log(level, event, extra=dict(fields), exc_info=error)
