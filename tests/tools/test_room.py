"""The room's own small parts; tests/browser/test_room.py plays with the whole."""

from datetime import UTC

import pytest
from fastapi.testclient import TestClient

from tools.bench import console
from tools.bench.room import passing, people
from tools.bench.room.app import create_app
from tools.bench.room.hints import Hints
from tools.bench.room.light import light
from tools.bench.room.state import RefusedError
from tools.bench.room.ticker import Ticker
from tools.bench.room.words import plain

_HERE = "http://127.0.0.1"


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("sees 62b72959fb6d4418 near", console.Sees("62b72959fb6d4418", "near")),
        ("sees nobody away", console.Sees("", "away")),
        ("sets 35 2700", console.Sets({0: 35, 1: 2700}, "")),
        (
            "sets 1=2700 because warmth 2700 K, as on your other product.",
            console.Sets({1: 2700}, "warmth 2700 K, as on your other product."),
        ),
    ],
)
def test_a_console_line_is_understood(line, meaning):
    assert console.read(line) == meaning


@pytest.mark.parametrize(
    "line",
    ["", "sees", "sees x y z", "sees x happily", "sets high", "sets 1=", "wifi: no", "set 1"],
)
def test_any_other_console_line_means_nothing(line):
    assert console.read(line) is None


def test_light_follows_the_outputs():
    assert light({}) == {"colour": "#000000", "level": 0.0}
    warm = light({12: 65535})
    assert warm == {"colour": "#ffa657", "level": 1.0}
    assert light({12: 30000, 14: 65535})["colour"] == "#ff1f10"


def test_of_one_kind_the_newest_sentence_stands_for_those_just_before():
    now_ms, told = [0], []
    ticker = Ticker(lambda: now_ms[0], lambda: told.append(1))
    ticker.say("hand", "by 1", "turn")
    ticker.say("air", "heard")
    ticker.say("hand", "by 2", "turn")
    now_ms[0] = 60_000
    ticker.say("hand", "by 1", "turn")
    assert [entry["text"] for entry in ticker.entries()] == ["by 2", "heard", "by 1"]
    assert len(told) == 4


def test_hints_tick_when_it_really_happened():
    hints = Hints()
    for device, who, how in (
        ("espresso-1", "Ana", "near"),
        ("lamp-window", "Ana", "near"),
        ("lamp-window", "Ana", "away"),
        ("lamp-desk", "Ana", "near"),
    ):
        hints.saw(device, who, how)
    assert [hint["done"] for hint in hints.shown()] == [True, False, True, False, False, False]
    hints.turned("lamp-desk", "Ana")
    hints.saw("lamp-window", "Ana", "near")
    assert [hint["done"] for hint in hints.shown()] == [True, True, True, False, True, False]


def test_morning_is_the_next_seven_o_clock():
    assert passing.until_morning_s(6 * 3600, UTC) == 3600
    assert passing.until_morning_s(7 * 3600, UTC) == 24 * 3600


def test_the_circle_is_where_a_device_takes_a_phone_to_be_near():
    assert people.CIRCLE_CM == 316


def test_colours_are_called_by_name():
    assert plain("colour #ff6a4d, your usual.") == "colour red, your usual."
    assert plain("colour #123456.") == "colour #123456."


class _Closed:
    """A room in which nothing can be done."""

    def walk(self, who, x_cm, y_cm):
        raise RefusedError(f"Nobody here is called {who}.")

    def desk(self):
        raise RefusedError("The hub is off.")


@pytest.fixture
def visitor():
    with TestClient(create_app(_Closed()), base_url=_HERE) as client:
        yield client


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"act": "walk", "who": "Zoe", "x": 1, "y": 2}, 409),
        ({"act": "walk", "who": "Zoe", "x": 1e9, "y": 2}, 422),
        ({"act": "turn", "device": "lamp", "detents": 4000}, 422),
        ({"act": "fly"}, 422),
        ([], 422),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(visitor, asked, status):
    answer = visitor.post("/acts", json=asked)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")


def test_pages_of_other_sites_and_other_names_are_not_served(visitor):
    walk = {"act": "walk", "who": "Zoe", "x": 1, "y": 2}
    answer = visitor.post("/acts", json=walk, headers={"Origin": "http://elsewhere.example"})
    assert answer.status_code == 403
    assert visitor.get("/", headers={"Host": "elsewhere.example"}).status_code == 400


def test_the_page_runs_only_what_is_ours(visitor):
    answer = visitor.get("/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "style=" not in answer.text
    assert "onclick" not in answer.text
    assert visitor.get("/desk").json() == {"error": "The hub is off."}
