"""The seven routes of a resource: list, read, make, change, take away, and reading sealed words where there are any."""

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.access.dependencies import Caller, CallerScope, action
from api.access.identity import Identity
from api.service.bodies import Body
from api.service.changes import (
    change_row,
    find_row,
    judge_change,
    judge_fields,
    make_row,
    organisation_in,
    take_away,
)
from api.service.conditions import IfMatch, IfNoneMatch, etag_of, is_known, not_modified
from api.service.deps import Config, Store
from api.service.half_read import HalfRead, half_read
from api.service.idempotency import Answered, MaybeOnce
from api.service.paging import Fields, Page, PageQuery, read_page, sparse, wanted_fields
from api.service.problems import FieldFault, ProblemError
from api.service.resources import Resource
from api.service.routing import new_router
from api.store.database import Database
from api.store.scope import Scope

RowPath = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="Our id of the row: 32 hexadecimal digits")]
Narrow = Callable[[Select[Any], PageQuery, Identity], Select[Any]]
"""Narrows the query of a list by filters of its own."""
Make = Callable[[Session, Resource, str, dict[str, Any]], Any]
Change = Callable[[Session, Resource, str, dict[str, Any], str | None], Any]
Drop = Callable[[Session, Resource, str, str | None], None]
Widen = Callable[[Database, Identity, Scope, str], Scope]
"""Gives the scope of a read of one row."""


def json_answer(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer; its values are plain already."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text.encode(), status, headers, "application/json")


def answered(model: type[BaseModel] | None, status: int = 200) -> dict[str, Any]:
    """What a route says about an answer that it writes itself."""
    return {"response_model": None, "status_code": status, "responses": {status: {"model": model} if model else {}}}


def resource_router(
    resource: Resource,
    *,
    narrow: Narrow | None = None,
    make: Make = make_row,
    change: Change = change_row,
    drop: Drop = take_away,
    widen: Widen | None = None,
) -> APIRouter:
    """A router with the routes of a resource."""
    router = new_router(resource.name)
    path, one = f"/v1/{resource.name}", f"/v1/{resource.name}/{{row_id}}"
    reads, writes = action(resource.read), action(resource.write)
    add = router.add_api_route
    name = resource.name.replace("-", "_")
    add(path, _list(resource, narrow), methods=["GET"], name=f"list_{name}", **answered(resource.page_answer), **reads)
    add(path, _make(resource, make), methods=["POST"], name=f"make_{name}", **answered(resource.answer, 201), **writes)
    add(one, _read(resource, widen), methods=["GET"], name=f"read_{name}", **answered(resource.answer), **reads)
    add(one, _change(resource, change), methods=["PATCH"], name=f"change_{name}", **answered(resource.answer), **writes)
    add(one, _drop(resource, drop), methods=["DELETE"], name=f"delete_{name}", **answered(None, 204), **writes)
    return router


def _typed(endpoint: Callable[..., Response], text: str, **kinds: Any) -> Callable[..., Response]:
    """The endpoint with the models of its resource as annotations, and its words for the OpenAPI document."""
    endpoint.__annotations__.update(kinds)
    endpoint.__doc__ = text
    return endpoint


def _list(resource: Resource, narrow: Narrow | None) -> Callable[..., Response]:
    def list_rows(query: Any, caller: Caller, scope: CallerScope, store: Store, config: Config) -> Response:
        names = wanted_fields(query.fields, resource.shown)
        with store.session(scope, read_only=True) as session:
            rows = narrowed(select(resource.kind), resource, query)
            rows = narrow(rows, query, caller) if narrow else rows
            order = [getattr(resource.kind, name) for name in resource.order]
            page = read_page(session, rows, order, query, config.signing_bytes, resource.name)
            return page_answer(page, resource, caller, names)

    return _typed(
        list_rows, f"The {resource.name} in sight, by {resource.order[0]}.", query=Annotated[resource.query, Query()]
    )


def page_answer(page: Page, resource: Resource, caller: Identity, names: tuple[str, ...]) -> Response:
    """A page as an answer, with masks and only the fields asked for."""
    items = [sparse(view_for(row, resource, caller), names) for row in page.rows]
    return json_answer({"items": items, "next_cursor": page.next_cursor})


def view_for(row: Any, resource: Resource, caller: Identity) -> dict[str, Any]:
    """A row as the caller may see it."""
    view = resource.view(row)
    return resource.mask(view, caller, row) if resource.mask else view


def narrowed(rows: Select[Any], resource: Resource, query: Any) -> Select[Any]:
    """The query of a list with its filters."""
    kind = resource.kind
    for name in ("organisation_id", "external_id", *resource.filters):
        value = getattr(query, name)
        if value is not None and hasattr(kind, name):
            rows = rows.where(getattr(kind, name) == value)
    if query.updated_since is not None:
        rows = rows.where(kind.updated_at >= query.updated_since)
    return rows if query.include_deleted else rows.where(kind.is_deleted.is_(False))


def _read(resource: Resource, widen: Widen | None) -> Callable[..., Response]:
    def read_row(
        row_id: RowPath,
        caller: Caller,
        scope: CallerScope,
        store: Store,
        fields: Fields = "",
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        names = wanted_fields(fields, resource.shown)
        scope = widen(store, caller, scope, row_id) if widen else scope
        with store.session(scope, read_only=True) as session:
            row = find_row(session, resource, row_id)
            if is_known(if_none_match, row.version):
                return not_modified(row.version)
            view = sparse(view_for(row, resource, caller), names)
            return json_answer(view, headers={"ETag": etag_of(row.version)})

    return _typed(read_row, f"One of the {resource.name}; its ETag is what a change asks for.")


def _make(resource: Resource, make: Make) -> Callable[..., Response]:
    def make_one(body: Any, caller: Caller, scope: CallerScope, store: Store, once: MaybeOnce) -> Response:
        if isinstance(body, HalfRead):
            raise body.refused(_judged(resource, store, scope, body))
        values = given(body)
        organisation_id = organisation_in(scope, values.pop("organisation_id", None))

        def work(session: Session) -> Answered:
            row = make(session, resource, organisation_id, values)
            headers = {"ETag": etag_of(row.version), "Location": f"/v1/{resource.name}/{row.id}"}
            return Answered(201, view_for(row, resource, caller), headers)

        return once.answer(scope, organisation_id, work)

    return _typed(
        make_one, f"Make one of the {resource.name}; every fault is told at once.", body=half_read(resource.new_body)
    )


def _judged(
    resource: Resource, store: Database, scope: Scope, body: HalfRead, row_id: str | None = None
) -> list[FieldFault]:
    """What is wrong with the fields of a body that could be read; nothing where it is not clear whose they are."""
    try:
        with store.session(scope, read_only=True) as session:
            if row_id is not None:
                return judge_change(session, resource, find_row(session, resource, row_id), body.fields)
            given_id = body.fields.get("organisation_id")
            return judge_fields(session, resource, organisation_in(scope, given_id), body.fields)
    except ProblemError:
        return []


def _change(resource: Resource, change: Change) -> Callable[..., Response]:
    def change_one(
        row_id: RowPath, body: Any, caller: Caller, scope: CallerScope, store: Store, if_match: IfMatch = None
    ) -> Response:
        if isinstance(body, HalfRead):
            raise body.refused(_judged(resource, store, scope, body, row_id))
        with store.session(scope) as session:
            row = change(session, resource, row_id, given(body), if_match)
            content, version = view_for(row, resource, caller), row.version
        return json_answer(content, headers={"ETag": etag_of(version)})

    text = f"Change the given fields of one of the {resource.name}; null empties a field."
    return _typed(change_one, text, body=half_read(resource.change_body))


def _drop(resource: Resource, drop: Drop) -> Callable[..., Response]:
    def delete_one(row_id: RowPath, scope: CallerScope, store: Store, if_match: IfMatch = None) -> Response:
        with store.session(scope) as session:
            drop(session, resource, row_id, if_match)
        return Response(status_code=204)

    return _typed(delete_one, f"Take away one of the {resource.name}; a tombstone stays.")


def given(body: BaseModel | Body) -> dict[str, Any]:
    """The fields that a body gives, as Python values."""
    return {name: getattr(body, name) for name in body.model_fields_set}
