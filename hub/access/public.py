"""How the hub is reached from outside, and by whom it is run."""

from typing import NamedTuple
from urllib.parse import urlsplit


class Public(NamedTuple):
    """origin: https://rapport.example.org, or "" while only this computer asks.

    security_contact: where to report a weakness (RFC 9116), mailto: or https:; "" says nothing.
    """

    origin: str = ""
    security_contact: str = ""

    def of(self, host: str, scheme: str) -> str:
        """The origin of pages: the one that is set, else what the browser asked for.

        This computer is called by its name: browsers know no passkeys for addresses in digits.
        """
        name, colon, port = host.partition(":")
        name = "localhost" if name == "127.0.0.1" else name
        return self.origin or f"{scheme}://{name}{colon}{port}"


def name_of(origin: str) -> str:
    """rapport.example.org, of https://rapport.example.org:8443"""
    return urlsplit(origin).hostname or ""
