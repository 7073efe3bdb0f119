"""A virtual authenticator of Chromium: a finger that fits, on a device that can be taken away."""

from playwright.sync_api import Page

_OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Finger:
    """One device at a time holds passkeys; a new one holds none."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        self._id = self._add()

    def take_another_device(self) -> None:
        self._session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})
        self._id = self._add()

    def _add(self) -> str:
        added = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": _OPTIONS})
        return added["authenticatorId"]
