"""Signing in and out, accounts, keys, single sign-on."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Cookie, Query, Request, Response
from sqlalchemy import select
from starlette.responses import HTMLResponse, RedirectResponse

from api.access.accounts import (
    AccountChange,
    NewAccount,
    add_account,
    change_account,
    get_account,
    one_time_password,
)
from api.access.api_keys import NewKey, add_key, get_key, revoke_key
from api.access.dependencies import Caller, CallerScope, action, door_of
from api.access.door import COOKIE
from api.access.enrolment import begin_second_factor, change_password, confirm_second_factor
from api.access.errors import SingleSignOnFailed
from api.access.logins import SignedIn, sign_in, sign_out
from api.access.sign_on import ATTEMPT_MINUTES, begin_sign_on, finish_sign_on
from api.access.tokens import csrf_token
from api.access.views import (
    AccountAnswer,
    AccountChangeBody,
    AccountPage,
    AccountView,
    CodeBody,
    KeyPage,
    KeyView,
    LoginAnswer,
    LoginBody,
    Me,
    NewAccountBody,
    NewKeyAnswer,
    NewKeyBody,
    PasswordBody,
    SecondFactorAnswer,
    view_account,
    view_key,
    view_me,
)
from api.service.conditions import IfMatch, IfNoneMatch, check_version, etag_of, is_known, not_modified
from api.service.deps import Config, Store
from api.service.paging import PageQuery, read_page, sparse, wanted_fields
from api.service.problems import ProblemError
from api.service.resource_routes import RowPath, answered, json_answer
from api.service.routing import new_router
from api.store.models.access import Account, ApiKey
from api.store.scope import Scope

router = new_router("access")
callback = APIRouter(tags=["access"])  # not strict: providers add parameters of their own

STATE_COOKIE, STATE_PATH = "xunzhen_sign_on", "/v1/oidc"


@router.post("/v1/login", **action("public"))
def login(body: LoginBody, request: Request, response: Response) -> LoginAnswer:
    """Sign in with a password; the token is a bearer token, or a cookie when asked for."""
    signed_in = sign_in(door_of(request), body.name, body.password, body.code or None)
    response.headers["Cache-Control"] = "no-store"
    if body.use_cookie:
        _set_cookie(request, response, signed_in)
    return LoginAnswer(
        token="" if body.use_cookie else signed_in.token,
        csrf_token=csrf_token(signed_in.token),
        expires_at=signed_in.expires_at,
        must_set_up=signed_in.identity.must_set_up,
    )


@router.post("/v1/logout", status_code=204, **action("self:manage"))
def logout(request: Request, response: Response, caller: Caller) -> None:
    """End the login session."""
    sign_out(door_of(request), caller)
    response.delete_cookie(COOKIE, path="/")


@router.get("/v1/me", **action("self:use"))
def read_me(
    caller: Caller, response: Response, cookie: Annotated[str, Cookie(alias=COOKIE, include_in_schema=False)] = ""
) -> Me:
    """Who the caller is, what is allowed, and the CSRF token of a cookie session."""
    response.headers["Cache-Control"] = "no-store"
    return view_me(caller, csrf_token(cookie) if cookie else "")


@router.post("/v1/me/password", status_code=204, **action("self:manage"))
def put_password(body: PasswordBody, request: Request, caller: Caller) -> None:
    """Change the own password; all other sessions of the account end."""
    change_password(door_of(request), caller, body.current_password, body.new_password)


@router.post("/v1/me/second-factor", status_code=201, **action("self:manage"))
def start_second_factor(request: Request, response: Response, caller: Caller) -> SecondFactorAnswer:
    """Begin the set-up of a second factor."""
    response.headers["Cache-Control"] = "no-store"
    secret, uri = begin_second_factor(door_of(request), caller)
    return SecondFactorAnswer(secret=secret, uri=uri)


@router.post("/v1/me/second-factor/confirm", status_code=204, **action("self:manage"))
def show_code(body: CodeBody, request: Request, caller: Caller) -> None:
    """Confirm the second factor with a code, or show a code after single sign-on."""
    confirm_second_factor(door_of(request), caller, body.code)


@router.get("/v1/accounts", **answered(AccountPage), **action("accounts:read"))
def list_accounts(store: Store, config: Config, scope: CallerScope, query: Annotated[PageQuery, Query()]) -> Response:
    """Accounts in sight, by name."""
    names = wanted_fields(query.fields, tuple(AccountView.model_fields))
    with store.session(scope, read_only=True) as session:
        page = read_page(session, select(Account), [Account.name], query, config.signing_bytes, "accounts")
        items = [sparse(view_account(row).model_dump(mode="json"), names) for row in page.rows]
    return json_answer({"items": items, "next_cursor": page.next_cursor})


@router.post("/v1/accounts", status_code=201, **action("accounts:write"))
def make_account(
    body: NewAccountBody, store: Store, request: Request, response: Response, scope: CallerScope
) -> AccountAnswer:
    """Make an account; the one-time password is shown once and has to be changed at the first sign-in."""
    _refuse_foreign(scope, body.organisation_id)
    response.headers["Cache-Control"] = "no-store"
    new = NewAccount(
        name=body.name,
        organisation_id=body.organisation_id,
        roles=body.roles,
        team_external_ids=body.team_external_ids,
        member_external_id=body.member_external_id,
    )
    password = one_time_password() if body.has_password else None
    with store.session(scope) as session:
        account = add_account(session, new, password, door_of(request).clock())
        response.headers["ETag"] = etag_of(account.version)
        response.headers["Location"] = f"/v1/accounts/{account.id}"
        return AccountAnswer(**view_account(account).model_dump(), one_time_password=password or "")


@router.get("/v1/accounts/{account_id}", response_model=AccountView, **action("accounts:read"))
def read_account(
    account_id: RowPath, store: Store, response: Response, scope: CallerScope, if_none_match: IfNoneMatch = None
) -> AccountView | Response:
    """One account."""
    with store.session(scope, read_only=True) as session:
        account = get_account(session, account_id)
        if is_known(if_none_match, account.version):
            return not_modified(account.version)
        response.headers["ETag"] = etag_of(account.version)
        return view_account(account)


@router.patch("/v1/accounts/{account_id}", **action("accounts:write"))
def patch_account(
    account_id: RowPath,
    body: AccountChangeBody,
    store: Store,
    request: Request,
    response: Response,
    caller: Caller,
    scope: CallerScope,
    if_match: IfMatch = None,
) -> AccountAnswer:
    """Change an account; its sessions end, and a reset password is shown once."""
    response.headers["Cache-Control"] = "no-store"
    door = door_of(request)
    with store.session(scope) as session:
        account = get_account(session, account_id)
        check_version(if_match, account.version)
        change = AccountChange(**body.model_dump())
        password = change_account(session, account, change, caller.actor, door.clock())
        session.flush()
        response.headers["ETag"] = etag_of(account.version)
        answer = AccountAnswer(**view_account(account).model_dump(), one_time_password=password)
    door.forget()
    return answer


@router.delete("/v1/accounts/{account_id}", status_code=204, **action("accounts:write"))
def close_account(
    account_id: RowPath,
    store: Store,
    request: Request,
    caller: Caller,
    scope: CallerScope,
    if_match: IfMatch = None,
) -> None:
    """Close an account and end its sessions; the row stays, since the audit log names it."""
    door = door_of(request)
    with store.session(scope) as session:
        account = get_account(session, account_id)
        check_version(if_match, account.version)
        change_account(session, account, AccountChange(is_active=False), caller.actor, door.clock())
    door.forget()


@router.get("/v1/api-keys", **answered(KeyPage), **action("api_keys:read"))
def list_keys(store: Store, config: Config, scope: CallerScope, query: Annotated[PageQuery, Query()]) -> Response:
    """Keys in sight, also those that have ended."""
    names = wanted_fields(query.fields, tuple(KeyView.model_fields))
    with store.session(scope, read_only=True) as session:
        page = read_page(session, select(ApiKey), [ApiKey.prefix], query, config.signing_bytes, "api-keys")
        items = [sparse(view_key(row).model_dump(mode="json"), names) for row in page.rows]
    return json_answer({"items": items, "next_cursor": page.next_cursor})


@router.post("/v1/api-keys", status_code=201, **action("api_keys:write"))
def make_key(body: NewKeyBody, store: Store, request: Request, response: Response, scope: CallerScope) -> NewKeyAnswer:
    """Make a key; its secret is shown once."""
    _refuse_foreign(scope, body.organisation_id)
    response.headers["Cache-Control"] = "no-store"
    door = door_of(request)
    with store.session(scope) as session:
        key, text = add_key(session, NewKey(**body.model_dump()), door.settings, door.clock())
        response.headers["Location"] = f"/v1/api-keys/{key.id}"
        return NewKeyAnswer(**view_key(key).model_dump(), secret=text.text)


@router.get("/v1/api-keys/{key_id}", **action("api_keys:read"))
def read_key(key_id: RowPath, store: Store, scope: CallerScope) -> KeyView:
    """One key."""
    with store.session(scope, read_only=True) as session:
        return view_key(get_key(session, key_id))


@router.delete("/v1/api-keys/{key_id}", status_code=204, **action("api_keys:write"))
def end_key(key_id: RowPath, store: Store, request: Request, scope: CallerScope) -> None:
    """Revoke a key: here at once, in other processes within seconds."""
    door = door_of(request)
    with store.session(scope) as session:
        revoke_key(session, get_key(session, key_id), door.clock())
    door.forget()


@router.get("/v1/oidc/start", status_code=307, response_class=RedirectResponse, **action("public"))
def start_sign_on(request: Request, return_path: Annotated[str, Query(max_length=300)] = "/") -> Response:
    """Send the browser to the provider of single sign-on."""
    url, state = begin_sign_on(door_of(request), return_path)
    response = RedirectResponse(url, 307, {"Cache-Control": "no-store"})
    # Lax: the provider's answer is a navigation from another site, which Strict would strip of the cookie.
    response.set_cookie(
        STATE_COOKIE,
        state,
        max_age=ATTEMPT_MINUTES * 60,
        path=STATE_PATH,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@callback.get("/v1/oidc/callback", response_class=HTMLResponse, **action("public"))
def end_sign_on(
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4_000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
    iss: Annotated[str | None, Query(max_length=300)] = None,
    cookie_state: Annotated[str, Cookie(alias=STATE_COOKIE, include_in_schema=False)] = "",
) -> Response:
    """Take the provider's answer, sign the person in and go on to our own page."""
    if error or not code:
        raise SingleSignOnFailed("REFUSED_BY_PROVIDER")
    signed_in, path = finish_sign_on(door_of(request), state=state, cookie_state=cookie_state, code=code, issuer=iss)
    # A page of ours, not a redirect: a browser sends a Strict cookie only where the way began at our own site.
    page = f'<!doctype html><meta http-equiv="refresh" content="0;url={escape(path)}"><title>Xunzhen</title>'
    response = HTMLResponse(page, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    response.delete_cookie(STATE_COOKIE, path=STATE_PATH)
    _set_cookie(request, response, signed_in)
    return response


router.include_router(callback)


def _set_cookie(request: Request, response: Response, signed_in: SignedIn) -> None:
    """No script reads it and no other site sends it; it ends with the browser, or when the session does."""
    is_secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, signed_in.token, path="/", httponly=True, samesite="strict", secure=is_secure)


def _refuse_foreign(scope: Scope, organisation_id: str) -> None:
    if not scope.has(organisation_id):
        raise ProblemError("FOREIGN_ORGANISATION")
