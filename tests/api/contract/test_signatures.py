"""Signatures of events."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from api.contract.signatures import BadSignature, Signed, new_secret, sign, verify

SECRET, BODY = "whsec-for-tests", '{"type":"计划"}'.encode()
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def test_a_signature_is_hmac_sha256_over_id_timestamp_and_body() -> None:
    signed = sign(SECRET, "m1", AT, BODY)
    message = f"m1.{int(AT.timestamp())}.".encode() + BODY
    expected = base64.b64encode(hmac.new(SECRET.encode(), message, hashlib.sha256).digest()).decode()
    assert signed.headers == {
        "webhook-id": "m1", "webhook-timestamp": str(int(AT.timestamp())), "webhook-signature": f"v1,{expected}"
    }  # fmt: skip


def test_the_example_of_the_standard_has_its_signature() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    signed = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1_614_265_330, UTC), body)
    assert signed.signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_of_ours_holds_its_key_as_base64() -> None:
    secret = new_secret()
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    assert new_secret() != secret


def test_a_signed_event_passes_within_five_minutes() -> None:
    signed = sign(SECRET, "m1", AT, BODY)
    for minutes in (-5, 0, 5):
        verify(SECRET, signed, BODY, AT + timedelta(minutes=minutes))


def test_one_of_several_signatures_is_enough() -> None:
    signed = sign(SECRET, "m1", AT, BODY)
    verify(SECRET, Signed("m1", signed.timestamp, f"v1,AAAA {signed.signature}"), BODY, AT)


@pytest.mark.parametrize(
    ("signed", "secret", "body", "late", "code"),
    [
        (sign(SECRET, "m1", AT, BODY), SECRET, BODY + b" ", 0, "SIGNATURE"),
        (sign(SECRET, "m1", AT, BODY), "another", BODY, 0, "SIGNATURE"),
        (sign("", "m1", AT, BODY), "", BODY, 0, "SIGNATURE"),
        (sign(SECRET, "m1", AT, BODY), SECRET, BODY, 301, "TOO_OLD"),
        (sign(SECRET, "m1", AT, BODY), SECRET, BODY, -301, "TOO_OLD"),
        (sign(SECRET, "m.1", AT, BODY), SECRET, BODY, 0, "EVENT_ID"),
        (Signed("m1", "now", "v1,x"), SECRET, BODY, 0, "TIMESTAMP"),
        (Signed("m1", "9" * 13, "v1,x"), SECRET, BODY, 0, "TIMESTAMP"),
        (Signed("m1", str(int(AT.timestamp())), "ü"), SECRET, BODY, 0, "SIGNATURE"),
    ],
)
def test_anything_else_is_refused(signed: Signed, secret: str, body: bytes, late: int, code: str) -> None:
    with pytest.raises(BadSignature) as caught:
        verify(secret, signed, body, AT + timedelta(seconds=late))
    assert caught.value.code == code
