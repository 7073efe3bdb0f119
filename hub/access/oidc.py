"""Staff who sign in with the account they have at the firm: OpenID Connect, code flow with PKCE.

    address, state = await firm.begin("https://rapport.example.org")   # where to send the browser
    who = await firm.finish("https://rapport.example.org", state, code)

OpenID Connect Core 1.0, RFC 7636. What the provider says of somebody's groups gives their role.
"""

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import orjson
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hub.access.who import CUSTOMER, ROLES, Who
from hub.errors import AskedError

BACK = "/sign-in/firm/back"

_ASKED_MS = 10 * 60_000
_MOST_ASKED = 1000  # at once; the oldest is asked in vain
_PATIENCE_S = 10
_MOST_BYTES = 1 << 20
_LEEWAY_S = 60
_ALGORITHMS = ["RS256", "ES256"]
_NAMES = ("preferred_username", "email", "name", "sub")
_LONGEST_NAME = 64


class Provider(NamedTuple):
    """roles: {what `claim` holds: role}; where it holds several.

    The first of hub.access.who.ROLES.
    """

    issuer: str
    client: str
    secret: str
    roles: dict[str, str]
    claim: str = "groups"

    @property
    def name(self) -> str:
        return urlsplit(self.issuer).hostname or self.issuer


class FirmError(AskedError):
    """The provider cannot be asked, or does not let this one in."""


class _Asked(NamedTuple):
    nonce: str
    verifier: str
    dies_ms: int


class Firm:
    """Remembers whom it sent to the provider, in memory; each may come back once."""

    def __init__(
        self, provider: Provider, clock: Callable[[], int], random: Callable[[int], bytes]
    ) -> None:
        self.name = provider.name
        self._provider, self._clock, self._random = provider, clock, random
        self._asked: dict[str, _Asked] = {}

    async def begin(self, origin: str) -> tuple[str, str]:
        """Where the browser is sent, and the state that it keeps meanwhile. Raises FirmError."""
        places = await self._places()
        state, nonce, verifier = (self._random(32).hex() for _ in range(3))
        self._asked[_digest(state)] = _Asked(nonce, verifier, self._clock() + _ASKED_MS)
        while len(self._asked) > _MOST_ASKED:
            del self._asked[next(iter(self._asked))]
        address = prepare_grant_uri(
            places["authorization_endpoint"],
            client_id=self._provider.client,
            response_type="code",
            redirect_uri=origin + BACK,
            scope="openid profile email",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address, state

    async def finish(self, origin: str, state: str, code: str) -> Who:
        """Who came back with this code. Raises FirmError."""
        asked = self._asked.pop(_digest(state), None)
        if asked is None or asked.dies_ms <= self._clock():
            raise FirmError("This was not asked for, or too long ago; sign in again.")
        places = await self._places()
        told = await _fetch(
            places["token_endpoint"],
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": origin + BACK,
                "client_id": self._provider.client,
                "client_secret": self._provider.secret,
                "code_verifier": asked.verifier,
            },
        )
        keys = await _fetch(places["jwks_uri"])
        return self._who(_claims(told.get("id_token"), keys), asked.nonce)

    async def _places(self) -> dict[str, Any]:
        issuer = self._provider.issuer.rstrip("/")
        places = await _fetch(f"{issuer}/.well-known/openid-configuration")
        if str(places.get("issuer", "")).rstrip("/") != issuer:
            raise FirmError(f"{issuer} says that it is another one.")
        return places

    def _who(self, claims: dict[str, Any], nonce: str) -> Who:
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        late = claims.get("exp", 0) + _LEEWAY_S <= self._clock() // 1000
        theirs = str(claims.get("iss", "")).rstrip("/") == self._provider.issuer.rstrip("/")
        if late or not theirs or self._provider.client not in audiences:
            raise FirmError("What the provider said is not for this hub, or too old.")
        if claims.get("nonce") != nonce:
            raise FirmError("What the provider said answers another question.")
        name = next((str(claims[one]) for one in _NAMES if claims.get(one)), "")[:_LONGEST_NAME]
        return Who(self._role(claims.get(self._provider.claim)), name)

    def _role(self, said: Any) -> str:
        groups = said if isinstance(said, list) else [said]
        found = {self._provider.roles[one] for one in groups if one in self._provider.roles}
        for role in ROLES:
            if role in found and role != CUSTOMER:
                return role
        raise FirmError(f"{self.name} does not say that you have a role here.")


def _claims(token: Any, keys: dict[str, Any]) -> dict[str, Any]:
    try:
        found = jwt.decode(str(token), KeySet.import_key_set(keys), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise FirmError("What the provider said is not signed by it.") from error
    return found.claims


async def _fetch(url: str, form: dict[str, str] | None = None) -> dict[str, Any]:
    """JSON from the provider; only by https, but on this machine. Raises FirmError."""
    place = urlsplit(url)
    if place.scheme != "https" and place.hostname not in ("127.0.0.1", "localhost"):
        raise FirmError(f"{place.hostname} is not asked without https.")
    try:
        return await asyncio.to_thread(_ask, url, form)
    except (URLError, OSError, ValueError) as error:
        raise FirmError(f"{place.hostname} does not answer as it should: try again.") from error


def _ask(url: str, form: dict[str, str] | None) -> dict[str, Any]:
    data = urlencode(form).encode() if form else None
    with urlopen(Request(url, data), timeout=_PATIENCE_S) as answer:
        content = orjson.loads(answer.read(_MOST_BYTES))
    if not isinstance(content, dict):
        raise ValueError("no object")
    return content


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
