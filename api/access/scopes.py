"""From a caller and an action to the rows of the store that are in sight."""

from api.access.errors import NotAllowed
from api.access.identity import Identity
from api.access.permissions import Reach
from api.store.scope import Scope


def scope_for(caller: Identity, action: str) -> Scope:
    """The rows in sight for an action. Raises NotAllowed when it is not the caller's; KeyError on an unknown one.

    Reach of the own team narrows every table that knows a team. Reach of the own crew cannot be told from a row of
    the store, so it gives the own organisation and `masking` decides row by row.
    """
    reach = caller.reach(action)
    if reach is None:
        raise NotAllowed(action)
    teams = frozenset(caller.team_external_ids) if reach is Reach.OWN_TEAM else None
    return Scope(organisation_ids=frozenset(caller.organisations_for(action)), team_ids=teams, actor=caller.actor)
