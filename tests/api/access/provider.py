"""A small provider of OpenID Connect: a real HTTP server with an RSA key, discovery, codes, PKCE and ID tokens.

`spoil` changes one thing about its answers, as a faulty or malicious provider would.
"""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "xunzhen", "only for tests"


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """A key by its name, made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(slots=True)
class Provider:
    """The state of the provider: who signs in next, and what is wrong with it."""

    address: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "1001", "groups": ["leaders"], "org": "T1"})
    userinfo: dict[str, Any] = field(default_factory=dict)
    spoil: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """What was asked for, by code; a code is used once."""

    def discovery(self) -> dict[str, Any]:
        """The discovery document."""
        document = {
            "issuer": self.address if self.spoil != "issuer" else "https://elsewhere.example",
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "id_token_signing_alg_values_supported": ["RS256"] if self.spoil != "algorithms" else ["HS256", "none"],
        }
        if self.userinfo:
            document["userinfo_endpoint"] = f"{self.address}/userinfo"
        return document

    def keys(self) -> dict[str, Any]:
        """The published keys."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key("provider").public_key()))
        return {"keys": [{**public, "kid": "k1", "use": "sig", "alg": "RS256"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes after the person has signed in at the provider."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.address})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The answer of the token endpoint."""
        asked = self.codes.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        fits = asked is not None and asked["code_challenge"] == challenge.decode().rstrip("=")
        if (
            asked is None
            or not fits
            or authorization != f"Basic {basic}"
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        answer = {"access_token": "opaque", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}
        if self.spoil == "no id token":
            del answer["id_token"]
        return 200, answer

    def _id_token(self, nonce: str) -> str:
        moment = datetime.now(UTC)
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "nonce": nonce,
            "iat": moment,
            "exp": moment + timedelta(minutes=5),
            **self.claims,
        }
        spoilt: dict[str, dict[str, Any]] = {
            "audience": {"aud": "somebody else"},
            "several audiences": {"aud": [CLIENT, "other"], "azp": "other"},
            "token issuer": {"iss": "https://elsewhere.example"},
            "nonce": {"nonce": "of another sign-in"},
            "expired": {"exp": moment - timedelta(minutes=5)},
        }
        claims |= spoilt.get(self.spoil, {})
        if self.spoil == "no subject":
            del claims["sub"]
        if self.spoil == "unsigned":
            return jwt.encode(claims, "", algorithm="none", headers={"kid": "k1"})
        if self.spoil == "shared secret":
            return jwt.encode(claims, SECRET.ljust(32), algorithm="HS256", headers={"kid": "k1"})
        key = rsa_key("thief" if self.spoil == "foreign key" else "provider")
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k9" if self.spoil == "key id" else "k1"})


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider on a free port."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            if provider.spoil == "down":
                self.answer(500, {})
            elif url.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                self.end_headers()
            elif url.path == "/userinfo":
                self.answer(200 if self.headers["Authorization"] == "Bearer opaque" else 401, provider.userinfo)
            else:
                pages = {"/.well-known/openid-configuration": provider.discovery, "/keys": provider.keys}
                self.answer(200, pages[url.path]())

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            self.answer(*provider.token(form, self.headers.get("Authorization", "")))

        def answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the name is the base class's
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
