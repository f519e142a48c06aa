"""What a caller may see of a follow-up or a stop: the person, the reason, the door.

Name, phone, address and identity number are for the crew that goes there and for the leader of the resident's team.
The reason of a sensitive follow-up (severe mental disorder, tuberculosis, palliative care) is for the same people;
everybody else sees "health follow-up", and nothing from which the reason could be told. Analysts see no id that
another system knows, and no door.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from api.access.identity import Identity
from api.access.permissions import Reach, Role
from optimizer.due import follow_up_rules
from optimizer.model import OrderClass
from optimizer.tables.homes import PREFIX as DOOR

SENSITIVE_FAMILIES = frozenset({"SMD", "TB", "PALLIATIVE"})
PERSONAL_KEYS = frozenset({"name", "phone", "address", "id_card"})
REASON_KEYS = frozenset(
    {
        *("category", "category_zh", "category_en", "order_class", "service_class", "needs", "patrol_needs", "joint"),
        *("head_count", "times", "deadline", "hard_end", "priority", "home_minutes", "patrol_minutes"),
        *("phone_minutes", "skills", "assessed", "consented", "note", "source_code", "business_type"),
    }
)
LINKED_KEYS = frozenset(
    {
        *("external_id", "resident", "resident_external_id", "household", "household_external_id", "latitude"),
        *("longitude", "follow_up", "source_id", "record_number"),
    }
)
MASKED_RULE, MASKED_TITLE_ZH, MASKED_TITLE_EN = "HEALTH_FOLLOW_UP", "健康随访", "Health follow-up"
_NEUTRAL = {
    "rule": MASKED_RULE,
    "rule_title": MASKED_TITLE_ZH,
    "title": MASKED_TITLE_ZH,
    "title_zh": MASKED_TITLE_ZH,
    "title_en": MASKED_TITLE_EN,
    "rule_zh": MASKED_TITLE_ZH,
    "rule_en": MASKED_TITLE_EN,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose a follow-up or stop is: organisation, contract team, and the members sent there (none: not planned)."""

    organisation_id: str
    team: str | None
    crew: frozenset[str] = frozenset()


@lru_cache(maxsize=1)
def ordinary_rules() -> frozenset[str]:
    """Codes of the follow-up rules whose reason everybody in the service may read."""
    return frozenset(
        code
        for code, rule in follow_up_rules().items()
        if code.partition("_")[0] not in SENSITIVE_FAMILIES and rule.order_class is not OrderClass.INFECTIOUS
    )


def is_sensitive(rule: str, order_class: str | None = None) -> bool:
    """Whether the reason is sensitive; a rule that the catalogue does not know is, to be safe."""
    return rule not in ordinary_rules() or order_class == OrderClass.INFECTIOUS


def is_near(caller: Identity, subject: Subject) -> bool:
    """Whether the caller is of the crew that goes there, or leads the team that the resident signed with."""
    reach = caller.reach("residents:read_personal")
    if reach is None or subject.organisation_id not in caller.organisation_ids:
        return False
    if caller.member_external_id is not None and caller.member_external_id in subject.crew:
        return True
    return reach >= Reach.OWN_TEAM and subject.team is not None and subject.team in caller.team_external_ids


def masked(view: Mapping[str, Any], caller: Identity, subject: Subject) -> dict[str, Any]:
    """A follow-up or stop as the caller may see it. `view` has the keys of the answer, `rule` among them.

    Whole days stay; what is taken away becomes None, so that every answer has the same form.
    """
    shown = dict(view)
    if is_near(caller, subject):
        return shown
    for key in PERSONAL_KEYS & shown.keys():
        shown[key] = None
    if "rule" in shown and is_sensitive(str(shown["rule"]), shown.get("order_class")):
        for key in REASON_KEYS & shown.keys():
            shown[key] = None
        for key in _NEUTRAL.keys() & shown.keys():
            shown[key] = _NEUTRAL[key]
    if Role.ANALYST in caller.roles:
        for key in LINKED_KEYS & shown.keys():
            shown[key] = None
        if str(shown.get("site") or "").startswith(DOOR):
            shown["site"] = None
    return shown


def may_ask_for_reason(caller: Identity) -> bool:
    """Whether the caller may filter or sort by rule: only where every row in sight shows its reason.

    Without this, `?rule=SMD_STABLE` would tell what the mask hides.
    """
    personal, rows = caller.reach("residents:read_personal"), caller.reach("follow_ups:read")
    return personal is not None and rows is not None and Reach.OWN_TEAM <= personal >= rows
