"""Names of files that are handed out: Chinese for people, ASCII for programs that know no better (RFC 6266)."""

import re
from urllib.parse import quote


def disposition(name_zh: str, name_ascii: str, *, inline: bool = False) -> str:
    """The Content-Disposition of a file. Raises ValueError when the plain name is not plain."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name_ascii):
        raise ValueError(f"not a plain file name: {name_ascii!r}")
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{name_ascii}\"; filename*=UTF-8''{quote(name_zh, safe='')}"
