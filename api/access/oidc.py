"""OpenID Connect: the authorization code flow with PKCE and nonce, against any provider that publishes discovery.

Authlib makes the requests of the flow; PyJWT verifies the ID token against the provider's published keys. Discovery
and keys are fetched for every sign-in, which is rare, so that a changed key never locks anybody out.
"""

import secrets
from dataclasses import dataclass
from typing import Any

import httpx2
import jwt
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client

from api.access.errors import ProviderUnreachable, SingleSignOnFailed
from api.access.settings import OidcSettings
from api.access.tokens import is_same

DISCOVERY = "/.well-known/openid-configuration"
# Public-key signatures only: with a shared secret or "none", whoever knows the client could sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Provider:
    """What the discovery document of a provider says."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    algorithms: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Challenge:
    """What one sign-in has to answer: the state of the browser, the nonce of the token, the PKCE verifier."""

    state: str
    nonce: str
    code_verifier: str


def new_challenge() -> Challenge:
    """Fresh random values."""
    return Challenge(secrets.token_urlsafe(32), secrets.token_urlsafe(32), generate_token(64))


def discover(settings: OidcSettings) -> Provider:
    """The provider's endpoints. Raises ProviderUnreachable or SingleSignOnFailed."""
    found = _get_json(settings, settings.issuer.rstrip("/") + DISCOVERY)
    if found.get("issuer") != settings.issuer:
        raise SingleSignOnFailed("ISSUER_DIFFERS")
    endpoints = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    named = found.get("id_token_signing_alg_values_supported", ["RS256"])
    algorithms = tuple(name for name in ALGORITHMS if name in named)
    if not all(isinstance(endpoint, str) for endpoint in endpoints) or not algorithms:
        raise SingleSignOnFailed("DISCOVERY_INCOMPLETE")
    authorization, token, keys = map(str, endpoints)
    return Provider(settings.issuer, authorization, token, keys, str(found.get("userinfo_endpoint") or ""), algorithms)


def authorization_url(settings: OidcSettings, provider: Provider, challenge: Challenge) -> str:
    """Where the browser is sent."""
    with _client(settings) as client:
        url, _ = client.create_authorization_url(
            provider.authorization_endpoint,
            state=challenge.state,
            code_verifier=challenge.code_verifier,
            nonce=challenge.nonce,
        )
    return str(url)


def fetch_claims(settings: OidcSettings, challenge: Challenge, code: str) -> dict[str, Any]:
    """The verified claims for an authorization code. Raises ProviderUnreachable or SingleSignOnFailed."""
    provider = discover(settings)
    with _client(settings) as client:
        try:
            token = client.fetch_token(
                provider.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=challenge.code_verifier,
            )
        except httpx2.HTTPError:
            raise ProviderUnreachable from None
        except (AuthlibBaseError, ValueError):
            raise SingleSignOnFailed("CODE_REFUSED") from None
    if not isinstance(token.get("id_token"), str):
        raise SingleSignOnFailed("NO_ID_TOKEN")
    claims = _verify(settings, provider, token["id_token"], challenge.nonce)
    if settings.mapping.roles_claim in claims or not provider.userinfo_endpoint:
        return claims
    return {**_userinfo(settings, provider, str(token.get("access_token")), str(claims["sub"])), **claims}


def _verify(settings: OidcSettings, provider: Provider, id_token: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token that this provider signed for us and for this sign-in (OpenID Connect Core 3.1.3.7)."""
    try:
        keys = jwt.PyJWKSet.from_dict(_get_json(settings, provider.jwks_uri))
        header = jwt.get_unverified_header(id_token)
        fitting = [key for key in keys.keys if header.get("kid") in {None, key.key_id}]
        if len(fitting) != 1:
            raise SingleSignOnFailed("KEY_UNKNOWN")
        claims: dict[str, Any] = jwt.decode(
            id_token,
            fitting[0].key,
            algorithms=list(provider.algorithms),
            audience=settings.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except jwt.PyJWTError:
        raise SingleSignOnFailed("TOKEN_REFUSED") from None
    if not is_same(str(claims.get("nonce", "")), nonce):
        raise SingleSignOnFailed("NONCE_DIFFERS")
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in claims) and claims.get("azp") != settings.client_id:
        raise SingleSignOnFailed("PARTY_DIFFERS")
    return claims


def _userinfo(settings: OidcSettings, provider: Provider, access_token: str, subject: str) -> dict[str, Any]:
    found = _get_json(settings, provider.userinfo_endpoint, {"Authorization": f"Bearer {access_token}"})
    if found.get("sub") != subject:
        raise SingleSignOnFailed("SUBJECT_DIFFERS")
    return found


def _client(settings: OidcSettings) -> Any:
    return OAuth2Client(
        client_id=settings.client_id,
        client_secret=settings.client_secret or None,
        redirect_uri=settings.redirect_uri,
        scope=settings.scope,
        code_challenge_method="S256",
        timeout=settings.timeout_seconds,
    )


def _get_json(settings: OidcSettings, url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = httpx2.get(url, headers=headers, timeout=settings.timeout_seconds)
        answer.raise_for_status()
        found = answer.json()
    except (httpx2.HTTPError, ValueError):
        raise ProviderUnreachable from None
    if not isinstance(found, dict):
        raise SingleSignOnFailed("NOT_AN_OBJECT")
    return found
