import asyncio
import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from hub.access.door import SESSION_COOKIE, Access
from hub.access.roles import is_open
from hub.api import customers, devices, live
from hub.api.edge import MOST_BODY
from hub.api.parts import Parts
from hub.app import create_app
from hub.changes import Changes
from hub.link.memory import MemoryLink
from hub.store import StoreError
from hub.store.memory import MemoryStore
from protocol import messages, topics
from protocol.messages import Hello, Welcome
from tests.hub.living import LAMP, NOON_MS, Dice

KEY = "the-staff-key"


class Keeper:
    """Stands where the embedded broker is."""

    def __init__(self) -> None:
        self.admitted: list[str] = []
        self.lines: list[bytes] = []
        self.running = False

    def trust(self, lines: list[bytes]) -> None:
        self.lines = lines

    async def admit(self, devices: list[str]) -> None:
        self.admitted = devices

    async def start(self) -> None:
        self.running = True

    async def stop(self) -> None:
        self.running = False


class Desk:
    def __init__(self) -> None:
        dice = Dice()
        self.link, self.keeper = MemoryLink(), Keeper()
        self.parts = Parts(
            store=MemoryStore(),
            link=self.link,
            products={"lamp": LAMP},
            clock=lambda: NOON_MS,
            random=dice,
            access=Access(KEY, lambda: NOON_MS, dice),
            broker=self.keeper,
        )
        self.app = create_app(self.parts)
        self.stranger = TestClient(self.app, raise_server_exceptions=True)
        self.staff = TestClient(self.app, headers={"Authorization": f"Bearer {KEY}"})

    def welcome(self) -> str:
        self.staff.post("/api/devices", json={"id": "lamp-1", "product": "lamp"})
        ana = self.staff.post("/api/customers", json={"name": "Ana"}).json()["id"]
        self.staff.post(f"/api/customers/{ana}/devices", json={"device": "lamp-1"})
        return ana

    def browser(self) -> TestClient:
        browser = TestClient(self.app, follow_redirects=False)
        assert browser.get(f"/start/{self.parts.access.link()}").status_code == 303
        return browser


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    with desk.staff:
        yield desk


WISH = {"product": "lamp", "setting": "brightness", "value": 35, "by": "Sam"}


def test_staff_welcome_a_customer_link_a_device_and_make_a_wish(desk):
    ana = desk.welcome()
    made = desk.staff.post(f"/api/customers/{ana}/wishes", json=WISH | {"reason": "called"})
    assert (made.status_code, made.json()) == (201, {"id": 1, "state": "queued"})
    about = desk.staff.get(f"/api/customers/{ana}").json()
    assert about["settings"][0]["value"] == 35
    assert about["devices"][0]["waiting"] == 1
    assert desk.staff.get("/api/customers?q=an").json()["customers"][0]["id"] == ana
    told = desk.staff.get(f"/api/customers/{ana}/timeline?limit=1").json()["timeline"]
    assert [entry["text"] for entry in told] == ["Sam asked for brightness 35 %."]
    frozen = {"product": "lamp", "setting": "mood", "rule": "frozen"}
    assert desk.staff.post(f"/api/customers/{ana}/rules", json=frozen).json()["rule"] == "frozen"
    assert desk.staff.get(f"/api/customers/{ana}").json()["settings"][1]["rule"] == "frozen"
    assert "master" in desk.staff.get(f"/api/customers/{ana}/credential").json()
    assert desk.staff.delete(f"/api/customers/{ana}/devices/lamp-1").status_code == 200
    assert desk.staff.delete(f"/api/customers/{ana}").json()["forgotten"] == ana
    assert desk.staff.get(f"/api/customers/{ana}").status_code == 404


def test_a_registered_device_is_admitted_and_shown(desk):
    desk.welcome()
    assert desk.keeper.admitted == ["lamp-1"]
    assert desk.keeper.running
    assert [one["id"] for one in desk.staff.get("/api/devices").json()["devices"]] == ["lamp-1"]
    assert desk.staff.get("/api/devices/lamp-1").json()["people"][0]["name"] == "Ana"
    assert desk.staff.get("/api/devices/lamp-2").status_code == 404


def test_a_device_that_speaks_is_answered_through_the_link(desk):
    desk.welcome()
    hello = Hello("lamp", 1, b"streamid", b"boot", 1, 0, 0, 0, None, None)
    desk.link.deliver("lamp-1", topics.HELLO, messages.encode(hello))
    welcome, person = desk.link.said
    assert isinstance(messages.decode(welcome.kind, welcome.payload), Welcome)
    assert (person.device, person.kind) == ("lamp-1", topics.PERSON)


def test_every_route_but_health_and_the_start_link_refuses_strangers(desk):
    paths = desk.app.openapi()["paths"] | {"/api/openapi.json": {"get": {}}}
    closed = [(path, method) for path in paths for method in paths[path]
              if not is_open(path)]  # fmt: skip
    assert len(closed) >= 15
    for path, method in closed:
        answer = desk.stranger.request(method, path)
        assert (path, method, answer.status_code) == (path, method, 401)
    assert desk.stranger.get("/nowhere").status_code == 401
    assert desk.stranger.get("/health").json() == {"status": "ok", "link": "up"}


def test_every_route_is_async_as_the_store_has_one_thread():
    routes = [route for module in (customers, devices, live) for route in module.router.routes]
    assert len(routes) >= 15
    for route in routes:
        assert asyncio.iscoroutinefunction(route.endpoint), route.path


def test_a_wrong_key_is_refused_and_after_ten_the_right_one_must_wait_too(desk):
    wrong = {"Authorization": "Bearer guess"}
    for _ in range(10):
        assert desk.stranger.get("/api/devices", headers=wrong).status_code == 401
    answer = desk.staff.get("/api/devices")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"
    assert desk.stranger.get("/health").status_code == 200


def test_a_start_link_opens_a_browser_once(desk):
    token = desk.parts.access.link()
    browser = TestClient(desk.app, follow_redirects=False)
    answer = browser.get(f"/start/{token}")
    cookie = answer.headers["set-cookie"].lower()
    assert answer.headers["location"] == "/"
    assert cookie.startswith(SESSION_COOKIE)
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert browser.get("/api/devices").status_code == 200
    assert desk.stranger.get(f"/start/{token}").status_code == 401


def test_a_browser_changes_things_only_with_the_token_of_its_session(desk):
    browser, body = desk.browser(), {"name": "Ana"}
    session = browser.cookies[SESSION_COOKIE]
    assert browser.post("/api/customers", json=body).status_code == 403
    token = {"X-Form-Token": desk.parts.access.form_token(session)}
    assert browser.post("/api/customers", json=body, headers=token).status_code == 201
    elsewhere = token | {"Origin": "http://evil.example"}
    assert browser.post("/api/customers", json=body, headers=elsewhere).status_code == 403
    here = token | {"Origin": "http://testserver"}
    assert browser.post("/api/customers", json=body, headers=here).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": 7}, "name"),
        ({"name": "Ana", "email": "nowhere"}, "email"),
        ({"name": "Ana", "age": 7}, "age"),
        ([], "body"),
    ],
)
def test_a_wrong_field_is_named_in_a_sentence(desk, body, field):
    answer = desk.staff.post("/api/customers", json=body)
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert answer.json()["error"].startswith(field)
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"value": 101}, 422),
        ({"value": [1]}, 422),
        ({"value": {"a": 1}}, 422),
        ({"value": 33.5}, 422),
        ({"value": "x" * 101}, 422),
        ({"by": ""}, 422),
        ({"by": "hand"}, 422),
        ({"setting": "loudness"}, 422),
        ({"product": "toaster"}, 404),
        ({"based_on": "1-0-hub"}, 409),
    ],
)
def test_a_wish_that_cannot_be_is_refused_with_a_reason(desk, wish, status):
    answer = desk.staff.post(f"/api/customers/{desk.welcome()}/wishes", json=WISH | wish)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"name": "\\ud800"}', b"[" * 100_000, b'{"name": 1e999}', b"null"],
)
def test_a_body_that_is_no_json_is_refused_not_stumbled_over(desk, body):
    json_type = {"Content-Type": "application/json"}
    answer = desk.staff.post("/api/customers", content=body, headers=json_type)
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]


def test_infinity_is_no_value(desk):
    ana = desk.welcome()
    body = json.dumps(WISH | {"value": float("inf")}).encode()
    json_type = {"Content-Type": "application/json"}
    answer = desk.staff.post(f"/api/customers/{ana}/wishes", content=body, headers=json_type)
    assert answer.status_code == 422


def test_an_unknown_customer_or_device_is_404_and_a_second_link_409(desk):
    ana = desk.welcome()
    links = f"/api/customers/{ana}/devices"
    assert desk.staff.post(links, json={"device": "lamp-9"}).status_code == 404
    assert desk.staff.post(links, json={"device": "lamp-1"}).status_code == 409
    assert desk.staff.get("/api/customers/c-000000000000").status_code == 404
    assert desk.staff.get("/api/customers/..%2Fhub").status_code == 404
    assert desk.staff.get("/api/nowhere").json() == {"error": "Not Found."}


def test_a_large_body_is_refused_whether_it_says_so_or_not(desk):
    large = b"x" * (MOST_BODY + 1)
    assert desk.staff.post("/api/customers", content=large).status_code == 413
    chunks = (large[at : at + 1000] for at in range(0, len(large), 1000))
    assert desk.staff.post("/api/customers", content=chunks).status_code == 413


def test_every_answer_carries_the_headers_that_keep_other_sites_out(desk):
    for answer in (desk.staff.get("/api/devices"), desk.stranger.get("/api/devices")):
        assert answer.headers["content-security-policy"].startswith("default-src 'self';")
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"


def test_a_full_disk_is_told_and_nothing_changes(desk):
    def full(puts):
        raise StoreError("the disk is full")

    desk.parts.store.commit = full
    answer = desk.staff.post("/api/customers", json={"name": "Ana"})
    assert answer.status_code == 503
    assert "the disk is full" in answer.json()["error"]
    assert desk.staff.get("/api/customers").json() == {"customers": []}


def test_the_api_describes_itself(desk):
    assert "/api/customers/{customer}/wishes" in desk.staff.get("/api/openapi.json").json()["paths"]


def test_what_changed_reaches_a_page_that_listens():
    async def listen() -> list[str]:
        changed = Changes()
        lines = live.lines(changed)
        heard = [await anext(lines)]
        changed("customer", "c-1")
        changed("device", "lamp-1")
        changed.close()
        return heard + [line async for line in lines]

    assert asyncio.run(listen()) == [
        "retry: 2000\nevent: version\ndata: 0\n\n",
        "event: customer\ndata: c-1\n\n",
        "event: device\ndata: lamp-1\n\n",
    ]


def test_a_page_that_does_not_read_loses_the_oldest_news_only():
    async def listen() -> list:
        changed = Changes()
        with changed.listening(0.01) as news:
            for number in range(300):
                changed("customer", str(number))
            first = await anext(news)
            for _ in range(255):
                last = await anext(news)
            return [first, last, await anext(news)]

    assert asyncio.run(listen()) == [("customer", "44"), ("customer", "299"), None]


def test_the_lifespan_opens_and_closes_what_it_uses():
    desk = Desk()
    with desk.staff:
        assert desk.link.connected
        desk.link.deliver("nobody", topics.ONLINE, b"1")
    assert not desk.link.connected
    assert not desk.keeper.running
    assert desk.parts.changed.full
