"""Opens a plan for an export: as this caller may see it, and with an entry in the audit log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.access.identity import Identity
from api.exports.opening import Opened, find_plan, nameless_week, near_follow_ups, on_led_crews, own_crews, week_for
from api.service.problems import FieldFault, ProblemError
from api.store import audit
from api.store.database import Database
from api.store.scope import Scope, StoreSession
from api.week_sheets import Week

DAY_SHEETS, EXPORTS = "exports:day_sheets", "exports:read"
"""The actions that exports stand for."""


@dataclass(frozen=True, slots=True)
class Handout:
    """A plan opened for one caller, the crews that are printed, and the follow-ups whose residents may be seen."""

    found: Opened
    week: Week
    crews: tuple[str, ...]
    near: frozenset[str]


def open_sheets(store: Database, scope: Scope, plan_id: str, caller: Identity, crews: Sequence[str] | None) -> Handout:
    """The crews that the caller may print, or those named; only their residents are opened. Raises ProblemError."""
    with store.session(whole(scope), read_only=True) as session:
        found = get_plan(session, plan_id)
        chosen = chosen_crews(found, caller, crews)
        may_see = near_follow_ups(found, caller) | on_led_crews(found, caller)
        near = may_see & followed_by(found, chosen)
        week = week_for(session, found, near, caller, chosen)
    note(store, scope, found, "day-sheets.pdf", DAY_SHEETS, {"crews": len(chosen)})
    return Handout(found, week, chosen, near)


def open_week(store: Database, scope: Scope, plan_id: str, caller: Identity, file: str) -> Handout:
    """The whole week with the residents that the caller may see. Raises ProblemError."""
    with store.session(whole(scope), read_only=True) as session:
        found = get_plan(session, plan_id)
        near = near_follow_ups(found, caller)
        week = week_for(session, found, near, caller)
    note(store, scope, found, file, EXPORTS, {})
    return Handout(found, week, tuple(crew.id for crew in found.plan.crews), near)


def open_nameless(store: Database, scope: Scope, plan_id: str, caller: Identity, file: str) -> Handout:
    """The whole week without any personal word. Raises ProblemError."""
    with store.session(whole(scope), read_only=True) as session:
        found = get_plan(session, plan_id)
        week = nameless_week(session, found)
    note(store, scope, found, file, EXPORTS, {})
    return Handout(found, week, tuple(crew.id for crew in found.plan.crews), near_follow_ups(found, caller))


def whole(scope: Scope) -> Scope:
    """The scope without a limit on teams: a crew also goes to others' residents, so each follow-up is looked at."""
    return replace(scope, team_ids=None)


def get_plan(session: StoreSession, plan_id: str) -> Opened:
    """A plan in sight. Raises ProblemError."""
    found = find_plan(session, plan_id)
    if found is None:
        raise ProblemError("NOT_FOUND")
    return found


def chosen_crews(found: Opened, caller: Identity, wanted: Collection[str] | None) -> tuple[str, ...]:
    """The crews to print. Raises ProblemError naming every crew that is not there or not the caller's."""
    own = own_crews(found, caller, DAY_SHEETS)
    missing = [name for name in wanted or () if name not in own]
    if missing:
        advice = "核对出诊小组的编号；只能打印本人或本团队的", "Check the id; only your own crews can be printed"
        faults = [FieldFault("UNKNOWN_ID", "/crew", name, "a crew of yours", *advice, "query") for name in missing]
        raise ProblemError("NOT_FOUND", errors=faults)
    return tuple(name for name in own if wanted is None or name in wanted)


def followed_by(found: Opened, crews: Collection[str]) -> frozenset[str]:
    """The follow-ups of some crews."""
    chosen = [crew for crew in found.plan.crews if crew.id in crews]
    return frozenset(name for crew in chosen for stop in crew.stops for name in stop.follow_ups)


def note(store: Database, scope: Scope, found: Opened, file: str, action: str, details: Mapping[str, Any]) -> None:
    """The audit entry of an export; whose words were opened is noted by the store itself."""
    with store.session(whole(scope)) as session:
        told = {"file": file, "version": found.version, **details}
        audit.append(session, found.organisation_id, action, target_kind="plans", target_id=found.id, details=told)
