"""Invented names of places: plausible for rural Shandong, unique within a county, with rare characters.

They are put together from surnames and landscape words; no list of a real county is used or stored.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

COUNTY_NAME = "槐川县"
COUNTY_CODE = "379900"
"""A county part of the statistical code that is not given to any county."""

_SURNAMES = (
    "王李张刘陈杨赵孙周吴徐马朱胡郭高林何罗宋郑韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石"
    "姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_RARE_SURNAMES = "臧逄綦亓禚訾鄢蔺仉郗"
_RARE_WORDS = ("㙍", "崮", "峱", "郚", "堐", "疃", "岞", "夼", "埝", "隅")
_LANDSCAPE = "柳槐桑石沙泉河桥井岭杏枣梨芦苇松竹荷"
_KINDS = ("庄", "村", "屯", "埠", "官庄", "店", "洼", "沟", "楼", "坊", "集", "埝", "疃")
_SIDES = ("", "", "", "", "东", "西", "南", "北", "前", "后", "大", "小", "上", "下")

_TOWNS = (
    "沄郚", "槐疃", "崮南", "芦堐", "岞埠", "桑㙍", "峱阳", "澜泊", "棠郚", "牧堐",
    "苇夼", "杏隅", "泉崮", "禾疃", "砚埠", "枫堐", "鹤㙍", "松郚", "麦埠", "梨崮",
    "荷泊", "霞疃", "渚堐", "笔崮", "蓼夼", "棣埠", "筠郚", "汀疃", "锦隅", "沐泊",
)  # fmt: skip
_FACTORY_WORDS = ("棉纺厂", "食品厂", "农机厂", "包装厂", "陶瓷厂", "家具厂", "冷藏厂", "制衣厂")
_LUCKY_WORDS = ("兴禾", "宏棉", "聚丰", "同泽", "永麦", "德砚", "康芦", "瑞桑", "信槐", "和岞", "裕泉", "安荷")


def settlement_names(rng: np.random.Generator, count: int) -> list[str]:
    """Different names of settlements, about one in eight with a rare character."""
    taken: dict[str, None] = {}
    for name in _candidates(rng):
        taken.setdefault(name)
        if len(taken) == count:
            break
    return list(taken)


def _candidates(rng: np.random.Generator) -> Iterator[str]:
    """Names without end; after many draws they get longer, so a large county does not run dry."""
    draws = 0
    while True:
        draws += 1
        side = _SIDES[int(rng.integers(len(_SIDES)))]
        if draws > 4_000:
            side += _LANDSCAPE[int(rng.integers(len(_LANDSCAPE)))]
        yield side + _stem(rng)


def _stem(rng: np.random.Generator) -> str:
    kind = _KINDS[int(rng.integers(len(_KINDS)))]
    draw = rng.random()
    if draw < 0.66:
        surname = _SURNAMES[int(rng.integers(len(_SURNAMES)))]
        return surname + "家" + kind
    if draw < 0.71:
        return _RARE_SURNAMES[int(rng.integers(len(_RARE_SURNAMES)))] + "家" + kind
    word = _LANDSCAPE[int(rng.integers(len(_LANDSCAPE)))]
    if draw < 0.82:
        return word + _RARE_WORDS[int(rng.integers(len(_RARE_WORDS)))]
    return word + kind


def town_names(rng: np.random.Generator, count: int) -> list[str]:
    """Different names of towns, without the ending 镇 or 街道."""
    order = [_TOWNS[int(i)] for i in rng.permutation(len(_TOWNS))]
    rounds = -(-count // len(_TOWNS))
    sides = ("", *(side for side in dict.fromkeys(_SIDES) if side))
    if rounds > len(sides):
        raise ValueError(f"at most {len(sides) * len(_TOWNS)} towns have names, {count} wanted")
    return [side + town for side in sides[:rounds] for town in order][:count]


def factory_name(rng: np.random.Generator) -> str:
    """The name of a factory; not unique, the caller adds the place."""
    lucky = _LUCKY_WORDS[int(rng.integers(len(_LUCKY_WORDS)))]
    return lucky + _FACTORY_WORDS[int(rng.integers(len(_FACTORY_WORDS)))]
