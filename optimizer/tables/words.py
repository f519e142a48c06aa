"""The lists of words that cells are taken from: codes with their Chinese and English names."""

import difflib
from collections.abc import Iterable, Mapping
from functools import cache

from optimizer.due import ROLES, SEXES, SKILLS, follow_up_rules
from optimizer.model import Channel, OrderClass, ServiceClass, SiteKind
from optimizer.tables.columns import plain

Words = Mapping[str, tuple[str, ...]]
"""Every name of each code; the first is the Chinese one that is written."""

SITE_KINDS: Words = {
    SiteKind.BASE: ("基地", "卫生院", "出发地", "base"),
    SiteKind.VILLAGE: ("村", "村庄", "village"),
    SiteKind.COMMUNITY: ("功能社区", "community"),
    SiteKind.STATION: ("服务点", "健康驿站", "station"),
}
MODES: Words = {
    "car": ("汽车", "轿车", "巡诊车", "car"),
    "ebike": ("电动车", "电动自行车", "电动三轮", "ebike", "e-bike"),
    "escooter": ("电动摩托", "escooter", "e-scooter"),
    "bicycle": ("自行车", "bicycle", "bike"),
    "foot": ("步行", "foot", "walk"),
}
CHANNELS: Words = {
    Channel.HOME: ("上门", "入户", "home", "4"),
    Channel.PATROL: ("巡诊", "patrol", "2", "3"),
    Channel.PHONE: ("电话", "phone", "5"),
}
ORDER_CLASSES: Words = {
    OrderClass.CLEAN: ("清洁", "clean"),
    OrderClass.GENERAL: ("一般", "general"),
    OrderClass.INFECTIOUS: ("感染", "infectious"),
}
SERVICE_CLASSES: Words = {
    ServiceClass.PUBLIC_HEALTH: ("公共卫生", "公卫", "public_health"),
    ServiceClass.CONTRACT_PACKAGE: ("签约服务", "contract_package"),
    ServiceClass.HOME_MEDICAL: ("居家医疗", "home_medical"),
}
STATUSES: Words = {
    "due": ("应访", "due", "0"),
    "done": ("已访", "done", "1"),
    "lost": ("失访", "lost", "2"),
    "missed": ("未访", "missed", "3"),
    "over": ("过访", "补录", "结案", "注销", "closed", "4", "5", "8", "9"),
}


@cache
def words_of(choices: str) -> Words:
    """The list that a column's `choices` names."""
    lists: dict[str, Words] = {
        "site_kinds": SITE_KINDS,
        "modes": MODES,
        "channels": CHANNELS,
        "order_classes": ORDER_CLASSES,
        "service_classes": SERVICE_CLASSES,
        "statuses": STATUSES,
        "levels": {"1": ("1", "一级"), "2": ("2", "二级"), "3": ("3", "三级")},
        "priorities": {str(p): (str(p), f"P{p}") for p in range(4)},
        "yes_no": {"yes": ("是", "yes", "true", "1", "y", "√"), "no": ("否", "no", "false", "0", "n", "×")},
        "sexes": {code: (zh, code, {"F": "female", "M": "male"}[code]) for code, zh in SEXES.items()},
        "roles": {code: (zh, code) for code, zh in ROLES.items()},
        "skills": {code: (zh, code) for code, zh in SKILLS.items()},
        "rules": {code: (rule.title_zh, code, rule.title_en) for code, rule in follow_up_rules().items()},
    }
    return lists[choices]


@cache
def _lookup(choices: str) -> dict[str, str]:
    return {plain(name): code for code, names in words_of(choices).items() for name in (code, *names)}


def find_word(choices: str, text: str) -> str | None:
    """The code of a word of the list, or None."""
    return _lookup(choices).get(plain(text))


def word(choices: str, code: str, language: str = "zh") -> str:
    """How a code is written: its Chinese name, or the code itself."""
    return words_of(choices)[code][0] if language == "zh" else code


def list_words(choices: str) -> list[str]:
    """The Chinese words of a list, for advice and drop-downs."""
    return [names[0] for names in words_of(choices).values()]


def closest(text: str, names: Iterable[str]) -> str | None:
    """The name that is most like the text, or None when nothing is near."""
    by_plain = {plain(name): name for name in names}
    found = difflib.get_close_matches(plain(text), list(by_plain), n=1, cutoff=0.6)
    return by_plain[found[0]] if found else None
