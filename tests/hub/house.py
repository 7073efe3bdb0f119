"""A hub that everybody asks something of: its people, and requests as each role sends them."""

import asyncio
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from hub.access.door import SESSION_COOKIE
from hub.access.passwords import hashed
from hub.access.who import ADMIN, CUSTOMER, SUPPORT, Who
from tests.hub.test_api import Desk

PASSWORD = "a sentence is good"
HOST = {"Origin": "http://testserver"}

_HASHED = hashed(PASSWORD)
_WORDS = {"device": "lamp-1", "product": "lamp", "number": "1", "line": "1", "setting": "mood"}


class House(Desk):
    """Ana owns lamp-1; Ben is there too."""

    def __init__(self) -> None:
        super().__init__()
        self.parts.profiles.register("lamp-1", "lamp")
        self.ana = self.ben = ""
        self.furnish()

    def furnish(self) -> None:
        """Whoever is not there any more, or is not at the lamp, is again."""
        profiles = self.parts.profiles
        there = {one["id"] for one in profiles.search()}
        self.ana = self.ana if self.ana in there else profiles.welcome("Ana")
        self.ben = self.ben if self.ben in there else profiles.welcome("Ben")
        known = {one["id"] for one in profiles.device("lamp-1")["people"]}
        for customer, role in ((self.ana, "owner"), (self.ben, "user")):
            if customer not in known:
                profiles.link(customer, "lamp-1", role)

    def headers(self, role: str, customer: str = "") -> dict[str, str]:
        """What a browser of this role sends, with everything that is asked besides the role."""
        who = Who(role, "Sam", customer or (self.ana if role == CUSTOMER else ""))
        session = self.parts.access.begin(who)
        return {
            "Cookie": f"{SESSION_COOKIE}={session}",
            "X-Form-Token": self.parts.access.form_token(session),
            "X-Reason": "They called",
            "Origin": "http://testserver",
        }

    def asked(self, route: str, headers: dict[str, str], **names: str) -> tuple[int, str]:
        """(status, the beginning of the body) of a route; streams are left when they begin."""
        method, _, template = route.partition(" ")
        words = _WORDS | {"customer": self.ben, "other": self.ana} | names
        path = template
        for name, word in words.items():
            path = path.replace(f"{{{name}}}", word)
        path = path.replace("{", "no-").replace("}", "")
        return asyncio.run(_begun(self.app, method, path, headers))


async def _begun(app: FastAPI, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """How an answer begins: without waiting for its end, which a stream has not."""
    begun: list[Any] = []
    enough = asyncio.Event()

    body = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if body:
            return body.pop()
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        begun.append(message)
        if len(begun) > 1:
            enough.set()

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("testserver", 80),
        "client": ("10.0.0.1", 1),
        "headers": [
            (name.lower().encode(), value.encode())
            for name, value in ({"Host": "testserver"} | headers).items()
        ],
    }
    task = asyncio.create_task(app(scope, receive, send))
    waiting = asyncio.create_task(enough.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    waiting.cancel()
    await asyncio.gather(task, waiting, return_exceptions=True)
    body = begun[1].get("body", b"")[:300] if begun[1:] else b""
    return begun[0]["status"], body.decode(errors="replace")


class Target(House):
    """Ana tries; Ben is to be left alone. Ada and Sam have accounts."""

    def __init__(self) -> None:
        super().__init__()
        self.ben = self.parts.profiles.welcome("Ben Secret", "ben-secret@example.org")
        self.parts.profiles.link(self.ben, "lamp-1")
        self.browser = TestClient(self.app, follow_redirects=False, raise_server_exceptions=False)
        for name, role in (("Ada", ADMIN), ("Sam", SUPPORT)):
            account = self.parts.accounts.begin(Who(role, name))
            self.parts.accounts.keep(account._replace(password=_HASHED))

    def fill(self, said: Any) -> Any:
        if isinstance(said, str):
            return said.replace("{ana}", self.ana).replace("{ben}", self.ben)
        if isinstance(said, dict):
            return {name: self.fill(value) for name, value in said.items()}
        return said

    def ask(self, by: str, method: str, path: str, sent: dict[str, Any]) -> Any:
        headers = HOST if by == "nobody" else self.headers(by)
        headers = {name: value for name, value in headers.items() if name != "X-Reason"}
        sent = self.fill(sent)
        if "data" in sent and by != "nobody":
            sent["data"] = {"form_token": headers["X-Form-Token"]} | sent["data"]
        headers = headers | sent.pop("headers", {})
        return self.browser.request(method, self.fill(path), headers=headers, **sent)

    def post(self, path: str, data: dict[str, str], **headers: str) -> Any:
        return self.browser.post(path, data=data, headers=HOST | headers)

    def sign_in(self, name: str = "Ada", password: str = PASSWORD) -> Any:
        return self.post("/sign-in", {"name": name, "password": password})


def routes_of(app: FastAPI) -> set[str]:
    """{"GET /api/customers", ...}"""
    found = iter_route_contexts(app.routes)
    return {f"{method} {route.path}" for route in found for method in route.methods or ()}
