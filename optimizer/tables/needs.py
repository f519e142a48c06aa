"""Staff needs in cells: the notation of `due.parse_needs` with Chinese or English words."""

import re

from optimizer.due import ROLES, SEXES, SKILLS, NotationError, parse_needs
from optimizer.model import StaffNeed
from optimizer.tables.cells import Row
from optimizer.tables.words import find_word

NEEDS_ADVICE = ("写作 1 全科医生/助理全科医生; 2 精防培训; 1 女", "write 1 GP/ASSISTANT_GP; 2 SMD_TRAINED; 1 F")
_WORD = re.compile(r"[^\s/、,，+;；]+")


def needs_of(row: Row, key: str, default: tuple[StaffNeed, ...]) -> tuple[StaffNeed, ...]:
    """The staff needs of a cell."""
    return row.parsed(key, needs_in_words, default, NEEDS_ADVICE)


def needs_in_words(text: str) -> tuple[StaffNeed, ...]:
    """Staff needs with Chinese or English words; raises NotationError."""
    return parse_needs(_WORD.sub(lambda found: _code(found[0]), text), frozenset(ROLES), frozenset(SKILLS))


def _code(word: str) -> str:
    """The code of a role, skill or sex; a number stays."""
    if re.fullmatch(r"[1-9]", word):
        return word
    codes = (find_word(choices, word) for choices in ("roles", "skills", "sexes"))
    found = next((code for code in codes if code is not None), None)
    if found is None:
        raise NotationError(word)
    return found


def needs_text(needs: tuple[StaffNeed, ...]) -> str:
    """Staff needs in Chinese words, readable by `needs_in_words`."""
    parts = []
    for need in needs:
        words = ["/".join(ROLES.get(role, role) for role in need.roles)]
        words += [SKILLS.get(skill, skill) for skill in need.skills] + [SEXES.get(need.sex, "")]
        parts.append(" ".join([str(need.count), *(word for word in words if word)]))
    return "; ".join(parts)
