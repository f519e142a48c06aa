"""Names and phone numbers as they may be printed: 张*, 欧阳*, and the last four digits of a number."""

import re

_TWO = (
    "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐宇文长孙司徒夏侯端木轩辕百里东郭南宫西门独孤呼延闻人公冶公羊太史申屠钟离澹台"
    "濮阳淳于单于仲孙亓官司空鲜于闾丘子车颛孙巫马公西漆雕乐正壤驷公良拓跋夹谷宰父谷梁段干东门南门左丘微生梁丘第五赫连万俟"
    "宗政即墨达奚褚师"
)
COMPOUND_SURNAMES = frozenset(_TWO[start : start + 2] for start in range(0, len(_TWO), 2))
"""Surnames of two characters."""
SHOWN_DIGITS = 4
_FEWEST_DIGITS_TO_SHOW = 7
"""Of a shorter number four digits would be most of it."""


def masked_name(name: str) -> str:
    """The surname and one star, however long the name is: 张*, 欧阳*; an empty name stays empty."""
    plain = name.strip()
    if not plain:
        return ""
    if len(plain) == 1:
        return "*"
    is_compound = len(plain) > 2 and plain[:2] in COMPOUND_SURNAMES
    return plain[: 2 if is_compound else 1] + "*"


def masked_phone(phone: str) -> str:
    """A star and the last four digits; of a short number nothing but the star; an empty one stays empty."""
    digits = re.sub(r"[^0-9]", "", phone)
    if not phone.strip():
        return ""
    return "*" + (digits[-SHOWN_DIGITS:] if len(digits) >= _FEWEST_DIGITS_TO_SHOW else "")
