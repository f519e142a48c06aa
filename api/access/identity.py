"""Who is asking: the one value that routes, scopes and masks know about a caller."""

from dataclasses import dataclass
from typing import Literal

from api.access.permissions import Reach, Role, reach_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A caller after the door. `actor` is what audit rows and revisions name: an opaque id, never a person's name.

    `organisation_ids` are the caller's own, `below_ids` those under them. `actions` narrows what the roles allow
    (keys); None narrows nothing. While `must_set_up` is not empty, only the actions on oneself are open.
    """

    actor: str
    kind: Literal["account", "api_key", "process"]
    roles: frozenset[Role]
    organisation_ids: tuple[str, ...]
    below_ids: tuple[str, ...] = ()
    team_external_ids: tuple[str, ...] = ()
    member_external_id: str | None = None
    credential_id: str = ""
    actions: frozenset[str] | None = None
    must_set_up: Literal["", "second_factor", "password"] = ""

    def reach(self, action: str) -> Reach | None:
        """How far the caller may go with an action; None: not at all. Raises KeyError on an unknown action."""
        widest = reach_of(self.roles, action)
        if action == "self:manage" and self.kind != "account":
            return None
        if action.startswith("self:"):
            return widest
        if self.must_set_up or (self.actions is not None and action not in self.actions):
            return None
        return widest

    def may(self, action: str) -> bool:
        """Whether the caller may do the action at all."""
        return self.reach(action) is not None

    def organisations_for(self, action: str) -> tuple[str, ...]:
        """Ids of the organisations in which the caller may do the action."""
        reach = self.reach(action)
        if reach is None:
            return ()
        return (*self.organisation_ids, *self.below_ids) if reach is Reach.COUNTY else self.organisation_ids
