"""Conditions of a request: the version that a change is meant for, and the version that a reader has already."""

from typing import Annotated

from fastapi import Header
from starlette.responses import Response

from api.service.problems import ProblemError

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description='The ETag that was read, such as "3"; without it a change is refused (428)'),
]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="An ETag that was read; 304 while it is the newest one")
]


def etag_of(version: int | str) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def check_version(if_match: str | None, version: int | str) -> None:
    """Raises ProblemError: 428 without a version, 412 when it is not the present one."""
    if if_match is None:
        raise ProblemError("PRECONDITION_MISSING")
    # A weak tag or * would let a change through that was made for another version.
    if etag_of(version) not in (tag.strip() for tag in if_match.split(",")):
        raise ProblemError("STALE_VERSION", headers={"ETag": etag_of(version)})


def is_known(if_none_match: str | None, version: int | str) -> bool:
    """Whether the reader has this version already."""
    if if_none_match is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag_of(version) in tags or "*" in tags


def not_modified(version: int | str) -> Response:
    """The answer to a reader who has this version already."""
    return Response(status_code=304, headers={"ETag": etag_of(version)})
