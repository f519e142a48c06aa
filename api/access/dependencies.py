"""What every route says about itself: the action it stands for, who is asking, and which rows are in sight.

    @router.get("/plans", **action("plans:read"))
    def list_plans(caller: Caller, scope: CallerScope) -> ...

`create_app` puts a `Door` into `app.state.door` and answers every `AccessError` with a problem.
A route without `action(...)` fails tests/api/test_authorisation.py.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security.utils import get_authorization_scheme_param
from starlette.concurrency import run_in_threadpool

from api.access.door import COOKIE, CSRF_HEADER, Credentials, Door, check_csrf
from api.access.errors import NotAllowed, NotSignedIn, SetUpNeeded
from api.access.identity import Identity
from api.access.permissions import PERMISSIONS, PUBLIC
from api.access.scopes import scope_for
from api.store.scope import Scope

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
EXTRA = "x-action"
SCHEMES: dict[str, dict[str, str]] = {
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key (xzk_...) or a login token (xzs_...)",
    },
    "Session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Set by POST /v1/login; changes need X-CSRF-Token",
    },
}
"""How a caller says who it is, as the OpenAPI document tells it."""


def door_of(request: Request) -> Door:
    """The door that `create_app` has put into the application."""
    door = request.app.state.door
    assert isinstance(door, Door)
    return door


async def current_identity(request: Request) -> Identity:
    """Who is asking. Raises NotSignedIn, or CsrfMissing for a change asked for with the cookie alone.

    Found once for each request. It takes the request alone: every dependency of a dependency is solved anew wherever
    it is named, which would cost more than all of the rest here.
    """
    known = getattr(request.state, "identity", None)
    if isinstance(known, Identity):
        return known
    door, credentials = door_of(request), _credentials(request)
    if credentials.is_empty:
        raise NotSignedIn
    if credentials.bearer is None and request.method not in SAFE_METHODS:
        check_csrf(credentials.cookie or "", request.headers.get(CSRF_HEADER))
    identity = door.find_cached(credentials)
    if identity is None:  # no thread is needed for a caller who was here a moment ago
        identity = await run_in_threadpool(door.authenticate, credentials)
    request.state.actor = identity.actor
    request.state.identity = identity
    return identity


def _credentials(request: Request) -> Credentials:
    scheme, bearer = get_authorization_scheme_param(request.headers.get("authorization"))
    return Credentials(bearer if scheme.lower() == "bearer" else None, request.cookies.get(COOKIE))


Caller = Annotated[Identity, Depends(current_identity)]


def require(name: str) -> Callable[[Request], Coroutine[Any, Any, Identity]]:
    """The dependency that lets only callers pass who may do the action. Raises KeyError on an unknown action."""
    PERMISSIONS[name]

    async def check_permission(request: Request) -> Identity:
        caller = await current_identity(request)
        refuse_unless(caller, name)
        return caller

    return check_permission


def refuse_unless(caller: Identity, name: str) -> None:
    """Raises SetUpNeeded or NotAllowed when the caller may not do the action; KeyError on an unknown one."""
    if caller.may(name):
        return
    if caller.must_set_up:
        raise SetUpNeeded(caller.must_set_up)
    raise NotAllowed(name)


def action(name: str) -> dict[str, Any]:
    """What a route decorator needs: the check of the action, and its name in the OpenAPI document.

    `action("public")` asks for no identity. Raises KeyError on an action that the permissions do not know.
    """
    if name == PUBLIC:
        return {"openapi_extra": {EXTRA: PUBLIC}}
    return {"dependencies": [Depends(require(name))], "openapi_extra": {EXTRA: name}}


def action_of(request: Request) -> str:
    """The action of the route that answers. Raises KeyError for a route without one."""
    return str((request.scope["route"].openapi_extra or {})[EXTRA])


async def current_scope(request: Request) -> Scope:
    """The rows in sight of the caller for this route's action."""
    return scope_for(await current_identity(request), action_of(request))


CallerScope = Annotated[Scope, Depends(current_scope)]
"""Asked for like any other value; it takes no thread."""
