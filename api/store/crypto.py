"""Personal words at rest: AES-GCM bound to organisation, table, column and row, and a blind index to look them up.

A mapped class says `name = Encrypted("name_sealed")` and `name_sealed: Mapped[SealedValue] = sealed_column("name")`;
then `row.name` reads and writes plain text. The plain text waits in the row until the flush, when the row's id and
organisation are known; the database's own column type refuses everything that is not sealed, so that no plain text
can slip past it.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, LargeBinary, TypeDecorator
from sqlalchemy.orm import InstanceState, MappedColumn, Session, mapped_column, object_session
from sqlalchemy.orm.base import instance_state

KEY_BYTES = 32
NONCE_BYTES = 12
LONGEST_KEY_ID = 16
READS = "personal_reads"
"""Where a session notes which personal words were read."""
KEYS = "keys"
"""Where a session has its key ring."""


class CryptoError(Exception):
    """Personal words cannot be sealed or opened."""


class BadKeyError(CryptoError, ValueError):
    """A key has not the form that is asked for."""


class UnknownKeyError(CryptoError, LookupError):
    """The key that sealed a value is not on the ring."""


class BrokenSealError(CryptoError, ValueError):
    """A sealed value was not made with this key for this place."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value lies; a value moved to another place does not open."""

    organisation: str
    table: str
    column: str
    row: str

    @property
    def words(self) -> bytes:
        """The place as bytes without a doubt where one word ends."""
        return b"".join(
            len(word).to_bytes(2, "big") + word
            for word in (part.encode() for part in (self.organisation, self.table, self.column, self.row))
        )


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """The keys of a deployment: the current one seals, every one on the ring opens; the index key stays.

    Raises BadKeyError when a key is not 32 bytes long or the current one is missing.
    """

    keys: Mapping[str, bytes]
    current: str
    index_key: bytes

    def __post_init__(self) -> None:
        wrong = [name for name, key in self.keys.items() if len(key) != KEY_BYTES or not _is_key_id(name)]
        if wrong or len(self.index_key) != KEY_BYTES:
            raise BadKeyError(f"a key needs {KEY_BYTES} bytes and an id of 1 to {LONGEST_KEY_ID} ASCII letters")
        if self.current not in self.keys:
            raise BadKeyError(f"the current key {self.current!r} is not on the ring")

    def seal(self, text: str, place: Place) -> bytes:
        """The text sealed for one place with the current key."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        name = self.current.encode()
        sealed = AESGCM(self.keys[self.current]).encrypt(nonce, text.encode(), place.words)
        return bytes([len(name)]) + name + nonce + sealed

    def open(self, sealed: bytes, place: Place) -> str:
        """The text of a sealed value; raises UnknownKeyError or BrokenSealError."""
        name = key_id_of(sealed)
        key = self.keys.get(name)
        if key is None:
            raise UnknownKeyError(f"no key {name!r} on the ring: add the key that sealed {place.table}.{place.column}")
        start = 1 + sealed[0]
        nonce, body = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, body, place.words).decode()
        except (InvalidTag, ValueError) as error:
            where = f"{place.table}.{place.column} of row {place.row}"
            raise BrokenSealError(
                f"{where} does not open: wrong key, or the value was made for another place"
            ) from error

    def blind_index(self, organisation: str, column: str, text: str) -> str:
        """A keyed digest by which a value is found again without being read; differs between organisations."""
        message = Place(organisation, "", column, folded(text)).words
        return hmac.new(self._derived(b"blind index"), message, hashlib.sha256).hexdigest()

    def chain_digest(self, message: bytes) -> str:
        """A keyed digest for the audit chain, which nobody without the key can make anew."""
        return hmac.new(self._derived(b"audit chain"), message, hashlib.sha256).hexdigest()

    def _derived(self, purpose: bytes) -> bytes:
        return hmac.new(self.index_key, purpose, hashlib.sha256).digest()


def parse_key_ring(keys: str, index_key: str) -> KeyRing:
    """A ring from settings such as "k2:BASE64 k1:BASE64" (the first one seals) and an index key in base64.

    Raises BadKeyError.
    """
    pairs = [word.partition(":") for word in keys.replace(",", " ").split()]
    if not pairs or any(not text for _, _, text in pairs):
        raise BadKeyError("write the keys as id:base64, apart by spaces, the current one first")
    return KeyRing({name: _decoded(text) for name, _, text in pairs}, pairs[0][0], _decoded(index_key))


def new_key() -> str:
    """A fresh random key in base64."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def demo_keys() -> KeyRing:
    """The ring of demos and tests; everybody knows it, so that it protects nothing."""
    return KeyRing({"demo": hashlib.sha256(b"demo").digest()}, "demo", hashlib.sha256(b"demo index").digest())


def key_id_of(sealed: bytes) -> str:
    """The id of the key that sealed a value; raises BrokenSealError when there is none."""
    if not sealed or len(sealed) <= sealed[0] + NONCE_BYTES:
        raise BrokenSealError("not a sealed value")
    return sealed[1 : 1 + sealed[0]].decode("ascii", "replace")


def folded(text: str) -> str:
    """A phone number or identity number without spaces, signs and case, for comparing."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


def _is_key_id(name: str) -> bool:
    return name.isascii() and name.isalnum() and 0 < len(name) <= LONGEST_KEY_ID


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadKeyError("a key is not base64") from error


class Plain(str):
    """Plain text that waits in a row for the flush."""

    __slots__ = ()


SealedValue = bytes | Plain | None
"""What the attribute behind an encrypted column holds."""


class Sealed(TypeDecorator[SealedValue]):
    """A column of sealed values; plain text is refused."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: SealedValue, dialect: Dialect) -> bytes | None:
        """Raises BrokenSealError on plain text."""
        if value is not None and not isinstance(value, bytes):
            raise BrokenSealError("plain text for an encrypted column: write it through a session of the store")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> SealedValue:
        """Bytes, whatever the driver gives."""
        return None if value is None else bytes(value)


def sealed_column(name: str) -> MappedColumn[SealedValue]:
    """The column behind an encrypted attribute."""
    return mapped_column(name, Sealed, default=None)


class Encrypted:
    """An attribute of plain text over a sealed column; with `index`, its blind index is kept beside it.

    Reading it is noted in the session, which writes the note to the audit log when it ends.
    """

    def __init__(self, behind: str, index: str = "") -> None:
        self.behind = behind
        self.index = index

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "Encrypted": ...
    @overload
    def __get__(self, instance: object, owner: type) -> str | None: ...
    def __get__(self, instance: object | None, owner: type) -> "Encrypted | str | None":
        if instance is None:
            return self
        text = self.peek(instance)
        session = object_session(instance)
        if text is not None and session is not None and not isinstance(getattr(instance, self.behind), Plain):
            note_read(session, instance, self.name)
        return text

    def __set__(self, instance: object, text: str | None) -> None:
        if _can_open(instance) and self.peek(instance) == (text or None):
            return
        setattr(instance, self.behind, Plain(text) if text else None)

    def peek(self, instance: object) -> str | None:
        """The plain text without a note: to compare, and for secrets of machines; never to show a person's words."""
        value: SealedValue = getattr(instance, self.behind)
        if value is None or isinstance(value, Plain):
            return None if value is None else str(value)
        return _keys_of(instance).open(value, self.place_of(instance))

    def seal(self, instance: object, keys: KeyRing) -> None:
        """Turn waiting plain text into a sealed value, and renew the index; the row has its id and organisation."""
        value: SealedValue = getattr(instance, self.behind)
        place = self.place_of(instance)
        if isinstance(value, Plain):
            setattr(instance, self.behind, keys.seal(value, place))
        if self.index and (value is None or isinstance(value, Plain)):
            found = keys.blind_index(place.organisation, self.name, value) if value else None
            if getattr(instance, self.index) != found:
                setattr(instance, self.index, found)

    def place_of(self, instance: Any) -> Place:
        """What a row's value of this attribute is bound to."""
        return Place(instance.organisation_id, instance.__tablename__, self.name, instance.id)


def encrypted_attributes(kind: type) -> tuple[Encrypted, ...]:
    """The encrypted attributes of a mapped class."""
    return tuple(value for base in kind.__mro__ for value in vars(base).values() if isinstance(value, Encrypted))


def note_read(session: Session, instance: Any, name: str) -> None:
    """Note in a session that a personal word was read."""
    reads: dict[tuple[str, str, str], set[str]] = session.info.setdefault(READS, {})
    reads.setdefault((instance.organisation_id, instance.__tablename__, instance.id), set()).add(name)


def _can_open(instance: object) -> bool:
    state: InstanceState[Any] = instance_state(instance)
    return state.session is not None and KEYS in state.session.info


def _keys_of(instance: object) -> KeyRing:
    session = object_session(instance)
    keys = session.info.get(KEYS) if session is not None else None
    if not isinstance(keys, KeyRing):
        raise UnknownKeyError("a row opens only while it is in a session of the store")
    return keys
