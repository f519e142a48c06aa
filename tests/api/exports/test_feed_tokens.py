"""Signed addresses of feeds: only what was signed here and has not expired is read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.exports.feed_tokens import LONGEST, Feed, FeedTokenError, sign_feed, verify_feed

KEY = b"k" * 32
MOMENT = datetime(2026, 11, 23, tzinfo=UTC)
FEED = Feed("org1", "plan1", "c1", "", int((MOMENT + timedelta(days=7)).timestamp()))


def test_a_signed_feed_comes_back_as_it_was() -> None:
    assert verify_feed(sign_feed(FEED, KEY), KEY, MOMENT) == FEED


def test_a_token_is_safe_in_an_address() -> None:
    assert set(sign_feed(replace(FEED, crew="鄌郚/?#"), KEY)) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


def test_an_expired_token_is_refused_from_its_last_second_on() -> None:
    token = sign_feed(FEED, KEY)
    assert verify_feed(token, KEY, FEED.expiry - timedelta(seconds=1)) == FEED
    with pytest.raises(FeedTokenError):
        verify_feed(token, KEY, FEED.expiry)


def test_a_token_of_another_key_is_refused() -> None:
    with pytest.raises(FeedTokenError):
        verify_feed(sign_feed(FEED, b"x" * 32), KEY, MOMENT)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=63))
def test_a_token_changed_in_one_place_is_refused(place: int, by: int) -> None:
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = sign_feed(FEED, KEY)
    at = place % len(token)
    other = signs[(signs.index(token[at]) + by) % 64]
    with pytest.raises(FeedTokenError):
        verify_feed(token[:at] + other + token[at + 1 :], KEY, MOMENT)


@given(st.text(max_size=300))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(FeedTokenError):
        verify_feed(text, KEY, MOMENT)


def test_an_overlong_text_is_refused_before_it_is_read() -> None:
    with pytest.raises(FeedTokenError):
        verify_feed("A" * (LONGEST + 1), KEY, MOMENT)
