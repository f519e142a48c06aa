"""Who may do what: one table, role by action, with how far each permission reaches.

Everything else asks this table: the routes through `dependencies.action`, the rows through `scopes.scope_for`,
the masks through `masking`. What is not in the table is refused.
"""

from enum import IntEnum, StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a person or a system is."""

    COUNTY_ADMIN = "county_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"
    TEAM_LEADER = "team_leader"
    CLINICIAN = "clinician"
    CONTRACT_SYSTEM = "contract_system"
    ANALYST = "analyst"


class Reach(IntEnum):
    """How far a permission goes; each reach holds the ones before it."""

    OWN_SELF = 1  # the caller's own account, or no stored row at all
    OWN_CREW = 2  # what the caller's own crew is sent to
    OWN_TEAM = 3  # residents who signed with the caller's teams, and the own crew's
    OWN_ORGANISATION = 4
    COUNTY = 5  # the own organisation and all below it


PUBLIC = "public"  # no identity asked: health, log-in, feeds that are signed themselves

_CODES = {
    ".": None,
    "S": Reach.OWN_SELF,
    "w": Reach.OWN_CREW,
    "T": Reach.OWN_TEAM,
    "O": Reach.OWN_ORGANISATION,
    "C": Reach.COUNTY,
}

# . no   S oneself   w own crew   T own team   O own organisation   C own organisation and those below
# Personal data (name, phone, address) is for the crew and the leader; analysts see pseudonyms only.
# self:manage is for people at a log-in (log out, password, second factor); a key never has it.
# County, security and audit administration are three hands: see APART.
_TABLE = """
                         county_admin security_admin auditor team_leader clinician contract_system analyst
self:use                      S             S           S         S          S            S           S
self:manage                   S             S           S         S          S            .           S
organisations:read            C             C           C         O          O            C           C
organisations:write           C             .           .         .          .            .           .
resources:read                C             .           .         O          O            C           C
resources:write               C             .           .         T          .            .           .
resources:upload              C             .           .         O          .            .           .
settings:read                 C             .           .         O          .            .           C
settings:write                C             .           .         O          .            .           .
follow_ups:read               C             .           .         T          T            C           C
follow_ups:write              C             .           .         T          .            C           .
follow_ups:record             .             .           .         T          T            C           .
residents:read                C             .           .         T          T            C           .
residents:write               C             .           .         T          .            C           .
residents:read_personal       .             .           .         T          w            .           .
plans:read                    C             .           .         O          O            C           C
plans:write                   C             .           .         O          .            C           .
plans:edit                    C             .           .         O          .            .           .
plans:publish                 C             .           .         O          .            .           .
exports:read                  C             .           .         O          .            .           .
exports:day_sheets            .             .           .         T          w            .           .
scenarios:read                C             .           C         O          .            .           C
scenarios:write               C             .           .         O          .            .           C
kpis:read                     C             .           .         O          O            C           C
jobs:read                     C             .           .         O          .            C           .
jobs:write                    C             .           .         O          .            C           .
solve:run                     S             .           .         S          .            S           S
exchange:read                 C             .           .         O          .            C           .
exchange:write                C             .           .         .          .            C           .
exchange:receive              .             .           .         .          .            C           .
fhir:read                     C             .           .         .          .            C           .
fhir:write                    .             .           .         .          .            C           .
audit:read                    .             .           C         .          .            .           .
accounts:read                 .             C           C         .          .            .           .
accounts:write                .             C           .         .          .            .           .
api_keys:read                 .             C           C         .          .            .           .
api_keys:write                .             C           .         .          .            .           .
metrics:read                  C             C           .         .          .            .           .
"""


def _read(table: str) -> dict[str, dict[Role, Reach]]:
    """The table as action -> role -> reach. Raises ValueError or KeyError where a row does not fit its head."""
    head, *rows = table.strip().splitlines()
    roles = [Role(word) for word in head.split()]
    permissions = {}
    for row in rows:
        action, *codes = row.split()
        pairs = zip(roles, [_CODES[code] for code in codes], strict=True)
        permissions[action] = {role: reach for role, reach in pairs if reach is not None}
    return permissions


PERMISSIONS = MappingProxyType(_read(_TABLE))
ACTIONS = tuple(PERMISSIONS)

# No account may hold two of these: who runs the system, who lets people in, and who watches both (三权分立).
APART = frozenset({Role.COUNTY_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
SYSTEM_ROLES = frozenset({Role.CONTRACT_SYSTEM})  # keys only: a system has no password
# A key that could make keys or accounts would outlive every lock, and a crew's eyes are a person's.
KEY_ROLES = frozenset({Role.COUNTY_ADMIN, Role.AUDITOR, Role.TEAM_LEADER, Role.CONTRACT_SYSTEM, Role.ANALYST})


def reach_of(roles: frozenset[Role], action: str) -> Reach | None:
    """The widest reach that the roles give for an action; None: not allowed. Raises KeyError on an unknown action."""
    by_role = PERMISSIONS[action]
    return max((by_role[role] for role in roles if role in by_role), default=None)


def actions_of(role: Role) -> tuple[str, ...]:
    """All actions that a role may do."""
    return tuple(action for action, by_role in PERMISSIONS.items() if role in by_role)


def is_separated(roles: frozenset[Role]) -> bool:
    """Whether the roles keep the administrations apart."""
    return len(roles & APART) <= 1
