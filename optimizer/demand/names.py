"""Invented people for the demo: names with rare characters, phone numbers that cannot be real."""

import numpy as np

SURNAMES = "王李张刘陈杨赵孙周徐高马朱郭林于董秦滕鞠逄亓丛迟郄亢仇隋栾綦"
GIVEN = "玉兰秀英桂芝凤霞建国志强文华明德春梅永福淑珍红军海燕立新宝成龙兴广庆祥瑞云"
RARE = "喆堃垚祎赟昶翀犇淼骉璟㛃䶮㬎昉韡"
RARE_SHARE = 0.04


def invent_name(rng: np.random.Generator) -> str:
    """A name of two or three characters."""
    first = GIVEN[int(rng.integers(len(GIVEN)))]
    last = (RARE if rng.random() < RARE_SHARE else GIVEN)[int(rng.integers(len(RARE)))]
    return SURNAMES[int(rng.integers(len(SURNAMES)))] + (first if rng.random() < 0.75 else "") + last


def invent_phone(rng: np.random.Generator, wrong_share: float = 0.0) -> str:
    """A number of the form 1xx-0000-xxxx that is not given out; a share of them lacks a digit."""
    number = f"1{int(rng.integers(30, 90))}0000{int(rng.integers(10_000)):04d}"
    return number[:-1] if rng.random() < wrong_share else number
