"""The settings of an organisation: working hours, rules and prices, with the catalogue of all of them."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.access.dependencies import CallerScope, action
from api.service.bodies import Answer, Body, RowId, Text, Word
from api.service.changes import organisation_in
from api.service.conditions import IfMatch, check_version, etag_of
from api.service.deps import Store
from api.service.judging import judge_row
from api.service.moments import as_json
from api.service.paging import Fields, sparse, wanted_fields
from api.service.problems import ProblemError
from api.service.resource_routes import answered, json_answer
from api.service.routing import new_router
from api.service.validation import suggestion
from api.store.audit import append
from api.store.models.organisations import Setting
from optimizer.tables.settings import all_settings

router = new_router("settings")
UNSET_VERSION = 0
"""The version of a setting that has its default; it is asked for like any other."""


class NewValue(Body):
    """The value of a setting, as it would stand in the sheet; null goes back to the default."""

    organisation_id: RowId | None = None
    value: Text | None
    note: Text = ""


class SettingView(Answer):
    """A setting: what it is, its default, and the value it has here."""

    key: Word
    title_zh: str | None = None
    kind: str | None = None
    explain_zh: str | None = None
    explain_en: str | None = None
    default: str | None = None
    value: str | None = None
    note: str | None = None
    is_default: bool | None = None
    version: int | None = None
    updated_at: str | None = None


class SettingList(Answer):
    """All settings of one organisation."""

    organisation_id: str
    items: list[SettingView]


SHOWN = tuple(SettingView.model_fields)


def view_of(key: str, row: Setting | None) -> dict[str, Any]:
    """A setting as its answer."""
    setting = all_settings()[key]
    return {
        "key": key,
        "title_zh": setting.zh,
        "kind": setting.kind,
        "explain_zh": setting.explain_zh,
        "explain_en": setting.explain_en,
        "default": setting.default,
        "value": row.value if row else setting.default,
        "note": row.note if row else "",
        "is_default": row is None,
        "version": row.version if row else UNSET_VERSION,
        "updated_at": as_json(row.updated_at) if row else None,
    }


@router.get("/v1/settings", **answered(SettingList), **action("settings:read"))
def list_settings(
    scope: CallerScope, store: Store, organisation_id: RowId | None = None, fields: Fields = ""
) -> Response:
    """Every setting of an organisation, also those that have their default; `key` always comes."""
    names = wanted_fields(fields, SHOWN, "key")
    owner = organisation_in(scope, organisation_id)
    with store.session(scope, read_only=True) as session:
        rows = {row.key: row for row in session.scalars(select(Setting).where(Setting.organisation_id == owner))}
        items = [sparse(view_of(key, rows.get(key)), names) for key in all_settings()]
    return json_answer({"organisation_id": owner, "items": items})


@router.get("/v1/settings/{key}", **answered(SettingView), **action("settings:read"))
def read_setting(
    key: str, scope: CallerScope, store: Store, organisation_id: RowId | None = None, fields: Fields = ""
) -> Response:
    """One setting of an organisation; its ETag is what a change asks for, also while it has its default."""
    judge_key(key)
    names = wanted_fields(fields, SHOWN, "key")
    owner = organisation_in(scope, organisation_id)
    with store.session(scope, read_only=True) as session:
        row = find_setting(session, owner, key)
        content = sparse(view_of(key, row), names)
        return json_answer(content, headers={"ETag": etag_of(row.version if row else UNSET_VERSION)})


@router.put("/v1/settings/{key}", **answered(SettingView), **action("settings:write"))
def write_setting(key: str, body: NewValue, scope: CallerScope, store: Store, if_match: IfMatch = None) -> Response:
    """Set a setting, or with null go back to its default; the value is judged as in the sheet."""
    judge_key(key)
    owner = organisation_in(scope, body.organisation_id)
    with store.session(scope) as session:
        row = find_setting(session, owner, key)
        check_version(if_match, row.version if row else UNSET_VERSION)
        if body.value is not None:
            row = _set(session, owner, key, row, body)
        elif row is not None:
            session.delete(row)
            row = None
        details = {"key": key, "is_default": row is None}
        append(session, owner, "settings:write", target_kind="settings", target_id=key, details=details)
        content, version = view_of(key, row), row.version if row else UNSET_VERSION
    return json_answer(content, headers={"ETag": etag_of(version)})


def judge_key(key: str) -> None:
    """Raises ProblemError when there is no such setting."""
    if key not in all_settings():
        raise ProblemError("NOT_FOUND", detail=suggestion(key, tuple(all_settings())))


def find_setting(session: Session, organisation_id: str, key: str) -> Setting | None:
    """The stored row of a setting, or None while it has its default."""
    query = select(Setting).where(Setting.organisation_id == organisation_id, Setting.key == key)
    return session.scalars(query).one_or_none()


def _set(session: Session, organisation_id: str, key: str, row: Setting | None, body: NewValue) -> Setting:
    faults = judge_row(session, organisation_id, "settings", {"key": key, "value": body.value})
    if faults:
        raise ProblemError("INPUT_INVALID", errors=faults)
    if row is None:
        row = Setting(organisation_id=organisation_id, key=key, position=list(all_settings()).index(key))
        session.add(row)
    row.value, row.note = body.value or "", body.note
    session.flush()
    return row
