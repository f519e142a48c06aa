"""Every kind of problem that the service answers with, as data (data/problems.csv); a code keeps its meaning."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from api.access import errors as access

FILE = Path(__file__).parent / "data" / "problems.csv"
PATH = "/v1/problems"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem: a stable code, the status, and words in both languages."""

    code: str
    status: int
    title_zh: str
    title_en: str
    advice_zh: str
    advice_en: str

    @property
    def slug(self) -> str:
        """The code as a part of an address."""
        return self.code.lower().replace("_", "-")

    @property
    def type(self) -> str:
        """The `type` of RFC 9457: where the kind is explained, relative to the service."""
        return f"{PATH}/{self.slug}"


@lru_cache(maxsize=1)
def all_kinds() -> dict[str, ProblemKind]:
    """All kinds by code, in the order of their statuses."""
    with FILE.open(encoding="utf-8", newline="") as file:
        own = [_own_kind(row) for row in csv.DictReader(file)]
    kinds = {kind.code: kind for kind in (*_access_kinds(), *own)}
    return dict(sorted(kinds.items(), key=lambda item: (item[1].status, item[0])))


def _own_kind(row: dict[str, str]) -> ProblemKind:
    words = row["title_zh"], row["title_en"], row["advice_zh"], row["advice_en"]
    return ProblemKind(row["code"], int(row["status"]), *words)


def _access_kinds() -> list[ProblemKind]:
    """What the door answers with, from the classes of its errors."""
    errors: list[access.AccessError | type[access.AccessError]] = [*access.AccessError.__subclasses__()]
    errors.remove(access.SetUpNeeded)
    errors += [access.SetUpNeeded(what) for what in ("second_factor", "password")]
    return [kind_of_access(error) for error in errors]


def kind_of_access(error: access.AccessError | type[access.AccessError]) -> ProblemKind:
    """A refusal of the door as a kind of problem."""
    return ProblemKind(error.code, error.status, error.title_zh, error.title_en, error.advice_zh, error.advice_en)


def kind_of(code: str) -> ProblemKind:
    """The kind of a code. Raises KeyError."""
    return all_kinds()[code]


_BY_STATUS = {
    400: "BAD_REQUEST",
    401: "NOT_SIGNED_IN",
    403: "NOT_ALLOWED",
    404: "NO_SUCH_PATH",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    408: "REQUEST_TIMEOUT",
    409: "CONFLICT",
    410: "GONE",
    412: "STALE_VERSION",
    413: "BODY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "INPUT_INVALID",
    428: "PRECONDITION_MISSING",
    429: "TOO_MANY_REQUESTS",
    503: "DATABASE_UNAVAILABLE",
    507: "STORAGE_FULL",
}


def kind_of_status(status: int) -> ProblemKind:
    """The kind that stands for a bare status."""
    return kind_of(_BY_STATUS.get(status, "BAD_REQUEST" if status < 500 else "INTERNAL"))
