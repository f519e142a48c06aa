"""What a solving process is asked and what it tells, as values and as lines of JSON.

Documents are those of `optimizer.documents`; in the store they lie compressed.
"""

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Self

STARTING, LOADING = "starting", "loading"
"""Phases before the search: nothing is lost when a process is killed there."""
CANCEL_LINE = b'{"kind": "cancel"}\n'


@dataclass(frozen=True, slots=True)
class Order:
    """What to solve: a problem document and the fields of `SolveParams`, with the limits of the process."""

    document: str
    params: dict[str, Any]
    deadline_seconds: float
    """Wall-clock seconds after which the process is killed."""
    memory_bytes: int | None = None
    """Most address space the process may use, where the system can limit it."""

    def head(self) -> bytes:
        """The first line for the process; the document follows it byte by byte."""
        fields = {**asdict(self), "document": len(self.document.encode())}
        return line_of("order", fields)


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a running search; the share is that of the phase."""

    kind: ClassVar[str] = "look"

    phase: str
    share: float = 0.0
    cost: int | None = None
    unplanned: int | None = None
    gap: float | None = None
    elapsed_seconds: float = 0.0

    def as_line(self) -> bytes:
        """The look as a line."""
        return line_of(self.kind, asdict(self))


@dataclass(frozen=True, slots=True)
class Found:
    """A judged plan that was found on the way or at the end."""

    kind: ClassVar[str] = "found"

    document: str
    cost: int
    is_feasible: bool
    unplanned: int

    @property
    def rank(self) -> tuple[bool, int]:
        """Smaller is better: a plan that keeps the law first, then the cheaper one."""
        return rank_of(self.is_feasible, self.cost)

    def as_line(self) -> bytes:
        """The plan as a line."""
        return line_of(self.kind, asdict(self))


@dataclass(frozen=True, slots=True)
class Solved:
    """The end of a solve: the plan, and the result document that it is part of."""

    kind: ClassVar[str] = "solved"

    found: Found
    result: str
    is_cancelled: bool = False

    def as_line(self) -> bytes:
        """The answer as a line."""
        return line_of(self.kind, asdict(self))

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Self:
        """The answer that a line holds."""
        return cls(Found(**fields["found"]), fields["result"], fields["is_cancelled"])


@dataclass(frozen=True, slots=True)
class Refused:
    """The process cannot solve this, and says why; the values found wrong stay in the process."""

    kind: ClassVar[str] = "refused"

    code: str
    message_zh: str
    message_en: str
    faults: tuple[dict[str, str], ...] = field(default=())

    def as_line(self) -> bytes:
        """The refusal as a line."""
        return line_of(self.kind, asdict(self))


Message = Look | Found | Solved | Refused
OnMessage = Callable[[Look | Found], None]
"""Hears what a search tells on its way."""
Cancelled = Callable[[], bool]
"""Says whether a search shall stop; asked often."""


def rank_of(is_feasible: bool, cost: int) -> tuple[bool, int]:
    """The order of plans: smaller is better."""
    return (not is_feasible, cost)


def line_of(kind: str, fields: dict[str, Any]) -> bytes:
    """One message as a line of JSON."""
    return json.dumps({"kind": kind, **fields}, ensure_ascii=False).encode() + b"\n"


def message_of(line: bytes) -> Message:
    """The message that a line holds. Raises ValueError on anything else."""
    fields = json.loads(line)
    kind = fields.pop("kind", None) if isinstance(fields, dict) else None
    if kind == Look.kind:
        return Look(**fields)
    if kind == Found.kind:
        return Found(**fields)
    if kind == Solved.kind:
        return Solved.from_fields(fields)
    if kind == Refused.kind:
        return Refused(**{**fields, "faults": tuple(fields["faults"])})
    raise ValueError(f"a message of kind {kind!r} is not known")


def compressed(document: str) -> bytes:
    """A document as it lies in the store."""
    return zlib.compress(document.encode(), level=6)


def expanded(stored: bytes) -> str:
    """The document that lies in the store."""
    return zlib.decompress(stored).decode()


def hash_of(document: str) -> str:
    """SHA-256 of a document, in hexadecimal digits."""
    return hashlib.sha256(document.encode()).hexdigest()
