"""What a crew takes along: by the vehicle's tags and the skills its work asks for, told for the whole trip only.

Nothing is named that would tell why somebody is visited: severe mental disorder, tuberculosis and palliative care
have no equipment of their own here, masks and hand rub are in every bag.
"""

from collections.abc import Iterable

EVERY_BAG = "随访包 follow-up bag"
BY_SKILL = {
    "PHLEBOTOMY": "采血用品 blood sampling",
    "ECG": "心电图机 ECG",
    "WOUND": "换药包 dressings",
    "CATHETER": "护理包 nursing kit",
    "REHAB": "康复用具 exercise aids",
    "NEWBORN": "婴幼儿体检包 infant kit",
    "CHILD_HEALTH": "婴幼儿体检包 infant kit",
    "POSTPARTUM": "妇幼访视包 mother kit",
    "ANTENATAL": "妇幼访视包 mother kit",
    "TCM_ID": "中医用具 TCM kit",
    "TCM_TREAT": "中医用具 TCM kit",
}
"""What members bring to work that asks for a skill."""
BY_TAG = {"patrol_kit": "巡诊箱 patrol kit"}
"""How the codes of equipment on board are written; a code that is not here is printed as it is."""


def to_bring(skills: Iterable[str], tags: Iterable[str]) -> tuple[str, ...]:
    """Every thing once, the common bag first."""
    things = [EVERY_BAG, *(BY_TAG.get(tag, tag) for tag in sorted(set(tags)))]
    things += sorted({BY_SKILL[skill] for skill in skills if skill in BY_SKILL})
    return tuple(dict.fromkeys(things))
