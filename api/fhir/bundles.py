"""Searchset Bundles with paging by address."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from api.fhir.words import Resource


def searchset(
    base_url: str,
    kind: str,
    resources: Iterable[Resource],
    *,
    total: int | None,
    query: Sequence[tuple[str, str]] = (),
    next_cursor: str = "",
) -> Resource:
    """One page of a search; `next` is there as long as more follows."""
    links = [{"relation": "self", "url": _address(base_url, kind, query)}]
    if next_cursor:
        links.append({"relation": "next", "url": _address(base_url, kind, [*query, ("_cursor", next_cursor)])})
    bundle: Resource = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": links,
        "entry": [
            {
                "fullUrl": f"{base_url}/{kind}/{resource['id']}",
                "resource": resource,
                "search": {"mode": "match"},
            }
            for resource in resources
        ],
    }
    if total is not None:
        bundle["total"] = total
    if not bundle["entry"]:
        del bundle["entry"]
    return bundle


def _address(base_url: str, kind: str, query: Sequence[tuple[str, str]]) -> str:
    words = [(name, value) for name, value in query if value]
    return f"{base_url}/{kind}" + (f"?{urlencode(words)}" if words else "")
