"""The settings of one running service, read from the environment (XUNZHEN_...); all faults are told at once.

Nothing is read at import. Secrets that are left at their default are refused outside demo mode.
"""

import base64
import difflib
import ipaddress
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator

from api.store.crypto import KEY_BYTES, BadKeyError, KeyRing, demo_keys, parse_key_ring
from optimizer.errors import Fault

PREFIX = "XUNZHEN_"
NOT_SETTINGS = ("XUNZHEN_SHARED", "XUNZHEN_FOLDER")
"""Variables with our prefix that other commands read; those of tests begin with XUNZHEN_TEST_."""
FEWEST_SECRET_CHARACTERS = 32
SECRETS = ("field_keys", "blind_index_key", "signing_key")

Count = Annotated[int, Field(ge=0, le=1 << 30)]


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


_DEMO = demo_keys()
DEMO_SECRETS = {
    "field_keys": f"{_DEMO.current}:{_text(_DEMO.keys[_DEMO.current])}",
    "blind_index_key": _text(_DEMO.index_key),
    "signing_key": "everybody-knows-this-key-of-the-demo",
}
"""The secrets that are left when none are set; everybody knows them, so that they protect nothing."""


class ConfigFaults(ValueError):
    """The settings cannot be used; `faults` holds every reason, with secrets masked."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        lines = (f"- {fault.where} [{fault.found}]: {fault.advice_zh} / {fault.advice_en}" for fault in faults)
        super().__init__(f"{len(faults)} fault(s) in the settings:\n" + "\n".join(lines))


class Settings(BaseModel):
    """Everything that differs between one installation and another; the defaults suit one township and a demo."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)

    mode: Literal["demo", "production"] = "production"
    data_dir: Path = Field(default_factory=lambda: Path.home() / ".xunzhen")
    database_url: SecretStr = SecretStr("")
    """Empty: a SQLite file in `data_dir`. A PostgreSQL URL begins with postgresql:// and may hold a password."""

    field_keys: SecretStr = SecretStr(DEMO_SECRETS["field_keys"])
    """Keys of encrypted fields: id:base64 of 32 bytes, several apart by commas; the first one encrypts."""
    blind_index_key: SecretStr = SecretStr(DEMO_SECRETS["blind_index_key"])
    """base64 of 32 bytes, for looking up a phone or identity number without reading all of them."""
    signing_key: SecretStr = SecretStr(DEMO_SECRETS["signing_key"])
    """At least 32 characters; signs page cursors, feed addresses and sign-in tokens."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65_535)
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/?#]+)?$")
    """How people reach the service from outside, for links and QR codes; empty: as the request came."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose X-Forwarded-For and -Proto are believed, apart by commas."""

    oidc_issuer: str = Field(default="", pattern=r"^(https?://\S+)?$")
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    ray_address: str = ""

    max_json_bytes: Count = 1 << 20
    max_upload_bytes: Count = 20 << 20
    requests_per_minute: Count = 6_000
    """By API key or sign-in; 0: no limit."""
    address_requests_per_minute: Count = 30_000
    """By the address that requests come from; 0: no limit."""
    concurrent_solves: int = Field(default=2, ge=1, le=1_000)
    """How many answers may be computed inside the service at the same time; jobs are not counted."""
    idle_logout_minutes: int = Field(default=30, ge=1, le=24 * 60)
    idempotency_hours: int = Field(default=24, ge=1, le=24 * 30)
    """How long the answer to an Idempotency-Key is kept."""

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _judge_proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for word in value:
            try:
                ipaddress.ip_network(word, strict=False)
            except ValueError:
                raise _Refused(
                    "PROXY", "写作 10.0.0.1 或 10.0.0.0/8，逗号分开", "write 10.0.0.1 or 10.0.0.0/8, apart by commas"
                ) from None
        return value

    @field_validator(*SECRETS)
    @classmethod
    def _judge_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        name, text = info.field_name or "", value.get_secret_value()
        if text == DEMO_SECRETS[name] and info.data.get("mode") == "production":
            raise _Refused(
                "DEFAULT_SECRET",
                "生产环境必须换成自己的密钥；演示请设 XUNZHEN_MODE=demo",
                "outside demo mode this needs a secret of your own; for a demo set XUNZHEN_MODE=demo",
            )
        if name != "signing_key":
            _judge_key(name, text)
        elif len(text) < FEWEST_SECRET_CHARACTERS:
            raise _Refused(
                "SHORT_SECRET",
                f"至少 {FEWEST_SECRET_CHARACTERS} 个字符",
                f"at least {FEWEST_SECRET_CHARACTERS} characters",
            )
        return value

    @field_validator("oidc_client_secret")
    @classmethod
    def _judge_sign_in(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        issuer, client = info.data.get("oidc_issuer"), info.data.get("oidc_client_id")
        if issuer and not client:
            raise _Refused("OIDC", "设置 OIDC 时也要给出 oidc_client_id", "with an issuer set oidc_client_id too")
        return value

    @property
    def database_location(self) -> str:
        """The URL of the database, with the default filled in; may hold a password."""
        return self.database_url.get_secret_value() or f"sqlite:///{(self.data_dir / 'xunzhen.db').as_posix()}"

    @property
    def key_ring(self) -> KeyRing:
        """The keys of encrypted fields and of blind indexes."""
        return parse_key_ring(self.field_keys.get_secret_value(), self.blind_index_key.get_secret_value())

    @property
    def signing_bytes(self) -> bytes:
        """The key that signs cursors and tokens."""
        return self.signing_key.get_secret_value().encode()

    def with_changes(self, **changes: object) -> Self:
        """A copy with other values, judged again. Raises ConfigFaults."""
        return type(self).from_values({**self.model_dump(), **changes})

    @classmethod
    def from_values(cls, values: Mapping[str, object]) -> Self:
        """Settings from these values alone, without the environment. Raises ConfigFaults."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ConfigFaults(tuple(_fault(details) for details in error.errors())) from None


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment. Raises ConfigFaults with every fault, also for misspelt names."""
    variables = os.environ if environment is None else environment
    ours = {name: value for name, value in variables.items() if _is_setting(name)}
    values = {name.removeprefix(PREFIX).lower(): value for name, value in ours.items()}
    known = {name: value for name, value in values.items() if name in Settings.model_fields}
    faults = [_misspelt(name) for name in ours if name.removeprefix(PREFIX).lower() not in known]
    try:
        settings = Settings.from_values(known)
    except ConfigFaults as error:
        raise ConfigFaults((*faults, *error.faults)) from None
    if faults:
        raise ConfigFaults(tuple(faults))
    return settings


def _is_setting(name: str) -> bool:
    return name.startswith(PREFIX) and name not in NOT_SETTINGS and not name.startswith(f"{PREFIX}TEST_")


def _judge_key(name: str, text: str) -> None:
    """Raises _Refused, which never shows the key, when the store could not use it."""
    keys, index_key = (
        (text, DEMO_SECRETS["blind_index_key"]) if name == "field_keys" else (DEMO_SECRETS["field_keys"], text)
    )
    try:
        parse_key_ring(keys, index_key)
    except BadKeyError:
        form = "id:base64" if name == "field_keys" else "base64"
        zh = f"写作 {form}，每个密钥 {KEY_BYTES} 字节；用 openssl rand -base64 {KEY_BYTES} 生成"
        en = f"write {form} with {KEY_BYTES} bytes for each key; openssl rand -base64 {KEY_BYTES} makes one"
        raise _Refused("KEY", zh, en) from None


class _Refused(ValueError):
    """A setting that cannot be used: a code, and what to do about it in both languages; never the value."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        self.code, self.zh, self.en = code, zh, en
        super().__init__(code)


def _variable(path: Iterable[object]) -> str:
    return PREFIX + "_".join(str(word) for word in path).upper()


def _fault(details: Mapping[str, Any]) -> Fault:
    """A fault of pydantic in our form; values are not shown, since any of them may hold a password."""
    where = _variable(details["loc"][:1])
    ours = details.get("ctx", {}).get("error")
    if isinstance(ours, _Refused):
        return Fault(ours.code, where, "***", "a usable value", ours.zh, ours.en)
    field = Settings.model_fields.get(str(details["loc"][0])) if details["loc"] else None
    expected = details["msg"].removeprefix("Input should be ") if field else "a known setting"
    return Fault("SETTING", where, "***", expected, f"应为 {expected}", f"has to be {expected}")


def _misspelt(name: str) -> Fault:
    known = [_variable((field,)) for field in Settings.model_fields]
    near = difflib.get_close_matches(name.upper(), known, 1)
    zh = f"没有这个设置；是否应为 {near[0]}？" if near else "没有这个设置；删除它"
    en = f"there is no such setting; should it be {near[0]}?" if near else "there is no such setting; take it away"
    return Fault("UNKNOWN_SETTING", name, "***", "the name of a setting", zh, en)
