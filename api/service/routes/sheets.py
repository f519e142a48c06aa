"""Sites, teams, members, vehicles and patrols: the resources behind the sheets of a township."""

from fastapi import APIRouter
from starlette.responses import Response

from api.access.dependencies import CallerScope, action
from api.service.bodies import Answer, Word
from api.service.changes import find_row
from api.service.deps import Store
from api.service.resource_routes import RowPath, answered, json_answer, resource_router
from api.service.resources import Resource
from api.store.models.resources import Member, Patrol, Site, Team, Vehicle

READ, WRITE = "resources:read", "resources:write"

SITES = Resource("sites", "Site", Site, "sites", READ, WRITE, {"kind": Word, "village": Word})
TEAMS = Resource("teams", "Team", Team, "teams", READ, WRITE, {"base": Word})
MEMBERS = Resource("members", "Member", Member, "members", READ, WRITE, {"team": Word, "role": Word})
VEHICLES = Resource("vehicles", "Vehicle", Vehicle, "vehicles", READ, WRITE, {"mode": Word, "base": Word})
PATROLS = Resource("patrols", "Patrol", Patrol, "sessions", READ, WRITE, {"site": Word, "team": Word})

ROUTERS: tuple[APIRouter, ...] = tuple(resource_router(each) for each in (SITES, TEAMS, MEMBERS, VEHICLES, PATROLS))
members = ROUTERS[2]


class MemberPersonal(Answer):
    """How a member is called and reached."""

    id: str
    name: str | None
    phone: str | None


@members.get("/v1/members/{row_id}/personal", **answered(MemberPersonal), **action("residents:read_personal"))
def read_member_personal(row_id: RowPath, scope: CallerScope, store: Store) -> Response:
    """Name and phone of a member; the reading is audited."""
    with store.session(scope, read_only=True) as session:
        row = find_row(session, MEMBERS, row_id)
        content = {"id": row.id, "name": row.name, "phone": row.phone}
    return json_answer(content)
