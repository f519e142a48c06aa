"""The words that our resources share: systems of identifiers and codes, references, ids, moments."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.service.moments import local_text

Resource = dict[str, Any]

MEDIA_TYPE = "application/fhir+json"
FHIR_VERSION = "4.3.0"
FOLLOW_UP = "urn:xunzhen:follow-up"
RESIDENT = "urn:xunzhen:resident"
SITE = "urn:xunzhen:site"
TEAM = "urn:xunzhen:team"
MEMBER = "urn:xunzhen:member"
SESSION = "urn:xunzhen:session"
RULE = "urn:xunzhen:rule"
SERVICE = "urn:xunzhen:service"
CHANNEL = "urn:xunzhen:channel"
PROBLEM = "urn:xunzhen:problem"
EXTENSION = "urn:xunzhen:extension:"
HEALTH_FOLLOW_UP = {"coding": [{"system": SERVICE, "code": "follow-up", "display": "健康随访"}], "text": "健康随访"}
"""All that anybody is told of the reason."""
ID_SIGNS = 32


def stable_id(*parts: str) -> str:
    """An id that is the same whenever it is made from the same words, and legal in FHIR whatever they are."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:ID_SIGNS]


def logical(kind: str, system: str, value: str) -> Resource:
    """A reference by identifier: the thing is known by it on both sides, and no address is claimed."""
    return {"type": kind, "identifier": {"system": system, "value": value}}


def instant(moment: datetime) -> str:
    """A moment with its offset."""
    return local_text(moment)


def extension(name: str, kind: str, value: object) -> Resource:
    """One of our extensions."""
    return {"url": EXTENSION + name, kind: value}


def find(value: object, *steps: str | int) -> Any:
    """What lies at a path in a resource that may have any form; None where there is nothing."""
    for step in steps:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value
