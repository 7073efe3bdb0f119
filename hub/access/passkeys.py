"""Passkeys (W3C Web Authentication): what is asked of a browser, and whether its answer proves it.

    options = passkeys.to_make(origin, handle, "Sam", had)  # JSON for navigator.credentials.create
    passkey = passkeys.made(origin, answer)                 # {id, key, count}, to be kept
    options = passkeys.to_prove(origin)                     # JSON for navigator.credentials.get
    passkeys.owner(answer)                                  # the handle it says it is of
    passkey = passkeys.proved(origin, answer, kept)         # with its new count

Origins are like https://rapport.example.org; browsers know no passkeys for addresses in digits.
"""

from collections.abc import Callable, Iterable
from typing import Any

import orjson
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from hub.access.public import name_of
from hub.errors import InvalidError
from hub.store import Document

MOST = 5  # of one account

_ASKED_MS = 5 * 60_000
_MOST_ASKED = 1000  # at once; the oldest is asked in vain
_REQUIRED = UserVerificationRequirement.REQUIRED


class Passkeys:
    """Remembers what it asked for, in memory; each challenge is answered once."""

    def __init__(self, clock: Callable[[], int], random: Callable[[int], bytes]) -> None:
        self._clock, self._random = clock, random
        self._asked: dict[bytes, int] = {}  # challenge -> when it is too late

    def to_make(self, origin: str, handle: str, name: str, had: Iterable[Document] = ()) -> str:
        """JSON of PublicKeyCredentialCreationOptions; what holds one of `had` makes no other."""
        options = generate_registration_options(
            rp_id=name_of(origin),
            rp_name="Rapport",
            user_id=handle.encode(),
            user_name=name,
            challenge=self._ask(),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(one["id"])) for one in had
            ],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
            ),
        )
        return options_to_json(options)

    def made(self, origin: str, answer: dict[str, Any]) -> Document:
        """{id, key (base64url), count}; InvalidError for what proves nothing."""
        try:
            found = verify_registration_response(
                credential=answer,
                expected_challenge=self._answered(answer),
                expected_rp_id=name_of(origin),
                expected_origin=origin,
                require_user_verification=True,
            )
        except _WRONG as error:
            raise _refused() from error
        key = bytes_to_base64url(found.credential_public_key)
        name = bytes_to_base64url(found.credential_id)
        return {"id": name, "key": key, "count": found.sign_count}

    def to_prove(self, origin: str) -> str:
        """JSON of PublicKeyCredentialRequestOptions: any passkey of this hub."""
        options = generate_authentication_options(
            rp_id=name_of(origin), challenge=self._ask(), user_verification=_REQUIRED
        )
        return options_to_json(options)

    def proved(self, origin: str, answer: dict[str, Any], kept: Document) -> Document:
        """The passkey with its new count; InvalidError for what proves nothing."""
        try:
            found = verify_authentication_response(
                credential=answer,
                expected_challenge=self._answered(answer),
                expected_rp_id=name_of(origin),
                expected_origin=origin,
                credential_public_key=base64url_to_bytes(kept["key"]),
                credential_current_sign_count=kept["count"],
                require_user_verification=True,
            )
        except _WRONG as error:
            raise _refused() from error
        return kept | {"count": found.new_sign_count}

    def _ask(self) -> bytes:
        challenge = self._random(32)
        self._asked[challenge] = self._clock() + _ASKED_MS
        while len(self._asked) > _MOST_ASKED:
            del self._asked[next(iter(self._asked))]
        return challenge

    def _answered(self, answer: dict[str, Any]) -> bytes:
        """The challenge that it answers; InvalidError when none such waits."""
        said = orjson.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(said["challenge"])
        if self._asked.pop(challenge, 0) <= self._clock():
            raise _refused()
        return challenge


def owner(answer: dict[str, Any]) -> tuple[str, str]:
    """(handle, id of the passkey) as it says itself; InvalidError where it says none."""
    try:
        return base64url_to_bytes(answer["response"]["userHandle"]).decode(), str(answer["id"])
    except _WRONG as error:
        raise _refused() from error


def _refused() -> InvalidError:
    return InvalidError("passkey", "passkey: it does not fit; try again, or use your password.")


_WRONG = (WebAuthnException, KeyError, TypeError, ValueError, AttributeError)
