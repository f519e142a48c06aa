"""Passwords, random secrets and one-time codes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access.accounts import one_time_password
from api.access.passwords import hash_password, is_password, needs_new_hash, password_faults
from api.access.second_factor import code_at, find_step, new_secret, provisioning_uri
from api.access.tokens import csrf_token, digest, is_same, new_key_text, new_session_token, read_key_text

# RFC 6238, appendix B: the secret "12345678901234567890", SHA-1; the last six of its eight digits.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("Abc-1", {"PASSWORD_LENGTH"}),
        ("abcdefgh", {"PASSWORD_KINDS"}),
        ("abc", {"PASSWORD_LENGTH", "PASSWORD_KINDS"}),
        ("Wang.li-2026", {"PASSWORD_HAS_NAME"}),
        ("x" * 201, {"PASSWORD_LENGTH", "PASSWORD_KINDS"}),
        ("Correct-horse", set()),
        ("巡诊巡诊Abc-", set()),
    ],
)
def test_everything_wrong_with_a_password_is_told_at_once(password: str, codes: set[str]) -> None:
    assert {fault.code for fault in password_faults(password, "wang.li")} == codes


def test_a_one_time_password_fits_the_policy() -> None:
    assert [fault for _ in range(200) for fault in password_faults(one_time_password(), "anybody")] == []


def test_a_password_is_kept_as_argon2id_and_fits_only_itself() -> None:
    stored = hash_password("Correct-horse-7")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106, second recommendation
    assert is_password(stored, "Correct-horse-7")
    assert not is_password(stored, "Correct-horse-8")
    assert not needs_new_hash(stored)


def test_a_missing_or_broken_hash_fits_nothing() -> None:
    assert not is_password(None, "nobody has this password")
    assert not is_password("not a hash", "Correct-horse-7")


def test_a_key_is_read_back_from_its_text() -> None:
    text = new_key_text()
    assert read_key_text(text.text) == text
    assert text.secret not in repr(text)


@given(st.text())
def test_no_text_breaks_the_reading_of_keys(text: str) -> None:
    found = read_key_text(text)
    assert found is None or found.text == text


def test_secrets_are_long_and_never_twice_the_same() -> None:
    tokens = {new_session_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 68 for token in tokens)


def test_the_csrf_token_belongs_to_one_session_and_does_not_tell_it() -> None:
    token = new_session_token()
    assert csrf_token(token) == csrf_token(token) != csrf_token(new_session_token())
    assert csrf_token(token) not in {token, digest(token)}


def test_comparison_takes_any_text() -> None:
    assert is_same("密", "密")
    assert not is_same("密", "a")


@pytest.mark.parametrize("seconds", RFC_CODES)
def test_codes_are_those_of_the_standard(seconds: int) -> None:
    assert code_at(RFC_SECRET, datetime.fromtimestamp(seconds, UTC)) == RFC_CODES[seconds]


def test_a_code_is_taken_one_step_early_or_late_and_no_more() -> None:
    secret, moment = new_secret(), datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    step = int(moment.timestamp()) // 30
    codes = {
        shift: code_at(secret, datetime.fromtimestamp(moment.timestamp() + 30 * shift, UTC)) for shift in range(-2, 3)
    }
    found = {shift: find_step(secret, code, moment, 0) for shift, code in codes.items()}
    assert found[-1] == step - 1
    assert found[0] == step
    assert found[1] == step + 1
    assert found[2] is None or codes[2] in {codes[-1], codes[0], codes[1]}


def test_a_code_works_once() -> None:
    secret, moment = new_secret(), datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    step = find_step(secret, code_at(secret, moment), moment, 0)
    assert step is not None
    assert find_step(secret, code_at(secret, moment), moment, step) is None


@given(st.text(max_size=20))
def test_no_text_breaks_the_check_of_codes(code: str) -> None:
    moment = datetime.fromtimestamp(59, UTC)
    assert (find_step(RFC_SECRET, code, moment, 0) is not None) == (
        code in {code_at(RFC_SECRET, datetime.fromtimestamp(59 + shift, UTC)) for shift in (-30, 0, 30)}
    )


def test_an_app_is_told_everything_by_the_address() -> None:
    uri = provisioning_uri(RFC_SECRET, "leader")
    assert uri.startswith("otpauth://totp/Xunzhen:leader?")
    assert f"secret={RFC_SECRET}" in uri
