"""The least time that each follow-up adds to any stop it may be part of, whoever else is there.

A stop takes the longest item in full and a share of the others. Shares are given out so that those of any set of
follow-ups never add up to more than the set takes: one item of a person, and one person of a household, is counted
in full, the others by their share, rounded down.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.bundle import find_option
from optimizer.model import Channel, FollowUp, Parameters
from optimizer.problem import Problem

WHOLE = 100


@dataclass(frozen=True, slots=True)
class Shares:
    """By follow-up number; 0 where the channel is not open."""

    home: tuple[int, ...]
    """Seconds at home, with the set-up in one of a household's."""
    patrol: tuple[int, ...]
    """Person-seconds at a session."""
    leads: tuple[bool, ...]
    """Whether it is the one of its household that is counted in full."""
    contact: tuple[int, ...]
    """1 for one item of every resident, 0 for the others."""


def shares_of(problem: Problem) -> Shares:
    """The shares of all follow-ups."""
    items, parameters = problem.follow_ups, problem.parameters
    leads = [False] * len(items)
    home, patrol, contact = [0] * len(items), [0] * len(items), [0] * len(items)
    for numbers in _persons(items, Channel.PATROL):
        contact[numbers[0]] = 1
        for number, seconds in zip(numbers, _of_person(items, numbers, Channel.PATROL, parameters), strict=True):
            patrol[number] = seconds
    alone = [number for number, item in enumerate(items) if item.joint and find_option(item, Channel.HOME)]
    for number in alone:
        home[number] = parameters.setup_seconds + _seconds(items[number], Channel.HOME)
        leads[number] = True
    for household in _households(items):
        shares = _of_household(items, household, parameters)
        leads[shares[0][0]] = True
        for number, seconds in shares:
            home[number] = seconds
    return Shares(tuple(home), tuple(patrol), tuple(leads), tuple(contact))


def _seconds(item: FollowUp, channel: Channel) -> int:
    option = find_option(item, channel)
    return option.seconds if option is not None else 0


def _persons(items: Sequence[FollowUp], channel: Channel) -> list[list[int]]:
    """The items of each resident that a channel is open to, the longest first."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        if find_option(item, channel) is not None and not (channel is Channel.HOME and item.joint):
            found[item.resident].append(number)
    return [sorted(numbers, key=lambda number: -_seconds(items[number], channel)) for numbers in found.values()]


def _of_person(items: Sequence[FollowUp], numbers: list[int], channel: Channel, parameters: Parameters) -> list[int]:
    """The share of each item of one person: the first in full."""
    percent = min(parameters.person_extra_percent, WHOLE)
    seconds = [_seconds(items[number], channel) for number in numbers]
    return [seconds[0], *(one * percent // WHOLE for one in seconds[1:])]


def _households(items: Sequence[FollowUp]) -> list[list[list[int]]]:
    """Persons that may be seen in one stop, as lists of their items."""
    together: list[tuple[set[str], list[list[int]]]] = []
    by_household: dict[str, int] = {}
    for person in _persons(items, Channel.HOME):
        names = {items[number].household for number in person} - {""}
        known = sorted({by_household[name] for name in names if name in by_household})
        target = known[0] if known else len(together)
        if not known:
            together.append((set(), []))
        for other in known[1:]:
            names |= together[other][0]
            together[target][1].extend(together[other][1])
            together[other] = (set(), [])
        together[target][0].update(names)
        together[target][1].append(person)
        by_household.update(dict.fromkeys(names, target))
    return [persons for _, persons in together if persons]


def _of_household(items: Sequence[FollowUp], persons: list[list[int]], parameters: Parameters) -> list[tuple[int, int]]:
    """The share of each item of one household, the leading one first: the longest person in full, with set-up."""
    percent = min(parameters.household_extra_percent, WHOLE)
    shares = [_of_person(items, person, Channel.HOME, parameters) for person in persons]
    fullest = max(range(len(persons)), key=lambda place: sum(shares[place]))
    first = persons[fullest]
    found = [
        (first[0], parameters.setup_seconds + shares[fullest][0]),
        *zip(first[1:], shares[fullest][1:], strict=True),
    ]
    for place, (person, seconds) in enumerate(zip(persons, shares, strict=True)):
        if place != fullest:
            found += [(number, one * percent // WHOLE) for number, one in zip(person, seconds, strict=True)]
    return found
