"""The pages as they are sent: closed, careful with what people typed, and never a riddle."""

import inspect
from collections.abc import Iterator
from datetime import UTC
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from hub.app import create_app
from hub.pages import act, change, desk, insight, person, plot, unit, words
from hub.pages.plots import curve, lanes, spread, week
from hub.pages.times import Times
from tests.browser.desk import Desk
from tests.hub.living import NOON_MS

_HTML = {"Accept": "text/html"}
_ROUTES = [
    route for one in (desk, person, change, act, unit, insight) for route in one.router.routes
]


@pytest.fixture
def hub() -> Iterator[tuple[Desk, TestClient]]:
    made = Desk()
    browser = TestClient(create_app(made.parts), headers=_HTML, raise_server_exceptions=False)
    with browser:
        browser.get(f"/start/{made.parts.access.link()}")
        yield made, browser


def test_every_page_is_closed_to_strangers_and_every_form_is_checked():
    assert len(_ROUTES) >= 10
    stranger = TestClient(create_app(Desk().parts), headers=_HTML)
    for route in _ROUTES:
        method = next(iter(route.methods))
        answer = stranger.request(method, route.path)
        assert (route.path, answer.status_code) == (route.path, 401)
        assert "You are not signed in" in answer.text
        assert inspect.iscoroutinefunction(route.endpoint)
        assert (method == "POST") == bool(route.dependencies)


def test_what_people_typed_is_never_taken_for_html(hub):
    made, browser = hub
    name = "<script>alert('x')</script>\""
    ana = made.profiles.welcome(name)
    for path in ("/", f"/customers/{ana}", f"/customers/{ana}/forget", "/?q=<script>alert"):
        assert "<script>alert" not in browser.get(path).text
    assert "&lt;script&gt;" in browser.get(f"/customers/{ana}").text


def test_a_form_of_another_session_changes_nothing(hub):
    made, browser = hub
    answer = browser.post("/customers/new", data={"name": "Ana", "form_token": "guess"})
    assert answer.status_code == 403
    assert "This page is too old" in answer.text
    assert made.profiles.search() == []


def test_what_nobody_foresaw_is_told_without_a_traceback(hub):
    made, browser = hub

    def fails(text):
        raise RuntimeError("secret detail")

    made.profiles.search = fails
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "Something went wrong in the hub." in answer.text
    assert "secret detail" not in answer.text
    assert "error" in browser.get("/", headers={"Accept": "application/json"}).json()


def test_a_program_gets_json_where_a_browser_gets_a_page(hub):
    _, browser = hub
    address = "/customers/c-000000000000"
    assert browser.get(address).headers["content-type"].startswith("text/html")
    assert "error" in browser.get(address, headers={"Accept": "*/*"}).json()
    assert "error" in browser.get(f"/api{address}").json()


def test_a_wrong_page_of_the_timeline_shows_the_newest(hub):
    made, browser = hub
    ana = made.profiles.welcome("Ana")
    assert "Welcome" in browser.get(f"/customers/{ana}?before=77").text
    assert browser.get(f"/customers/{ana}?before=x").status_code == 422
    assert "Nothing of this kind" in browser.get(f"/customers/{ana}?kind=dance").text


def test_the_look_is_open_to_all_and_sent_once(hub):
    made, _ = hub
    stranger = TestClient(create_app(made.parts))
    answer = stranger.get("/static/look.css")
    assert answer.headers["content-type"].startswith("text/css")
    known = {"If-None-Match": answer.headers["etag"]}
    assert stranger.get("/static/look.css", headers=known).status_code == 304
    assert stranger.get("/static/../look.py").status_code in (401, 404)
    assert stranger.get("/static/%2e%2e/look.py").status_code == 404


@pytest.mark.parametrize(
    ("hours_ago", "said"),
    [
        (0, "today at 14:00"),
        (14, "today at 0:00"),
        (15, "yesterday at 23:00"),
        (24 * 3, "Monday at 14:00"),
        (24 * 30, "25 August at 14:00"),
        (24 * 365, "24 September 2025"),
    ],
)
def test_times_are_told_as_people_say_them_where_they_live(hours_ago, said):
    now_ms = NOON_MS + 3 * 24 * 3_600_000
    times = Times(now_ms, ZoneInfo("Europe/Berlin"))
    assert times.said(now_ms - hours_ago * 3_600_000) == said
    assert times.exact(now_ms) == "2026-09-24 14:00:00 CEST"
    assert times.iso(now_ms) == "2026-09-24T14:00:00+02:00"


def test_values_and_counts_are_told_in_words():
    assert [words.value(one, unit) for one, unit in ((35, "%"), (True, ""), ("calm", ""))] == [
        "35 %",
        "on",
        "calm",
    ]
    assert [words.value(one) for one in ("#ffffff", "#ffb066", "#7be0a4")] == [
        "white",
        "orange",
        "mint",
    ]
    assert words.counted(12_000, "s") == "3 h 20 min"
    assert words.counted(1, "cups") == "1 cup"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert [words.service(count, 200).text for count in (10, 180, 200)] == [
        "not yet due",
        "due soon",
        "due now",
    ]


def test_the_plot_says_where_corrections_are_heading():
    visits = [{"at_ms": at, "corrected": count, "settings": 3}
              for at, count in enumerate([3, 2, 2, 1, 1, 0, 0, 0, 0, 1])]  # fmt: skip
    drawn = plot.corrections(visits)
    assert drawn.sentence == (
        "1 correction by hand in the last 5 visits, fewer than in the first 5 (9)."
    )
    assert drawn.marks == [(148, 0), (108, 1), (68, 2), (28, 3)]
    assert [round(bar.height) for bar in drawn.bars[:3]] == [120, 80, 80]
    assert plot.corrections([]) is None
    assert plot.corrections(visits[:1]).sentence == "3 corrections by hand in one visit."
    assert plot.corrections(visits[:1]).line == ""
    assert len(plot.corrections(visits * 30).bars) == plot.MOST_VISITS


def test_the_week_is_darkest_where_most_visits_are_and_says_when():
    day_ms = 24 * 3_600_000
    monday_ms = NOON_MS // day_ms * day_ms
    times = [monday_ms + day * day_ms + 7 * 3_600_000 for day in (0, 0, 0, 1, 7, 12)]
    drawn = week.week(times, UTC)
    assert [(week.DAYS[c.day], c.hour, c.visits, c.level) for c in drawn.cells] == [
        ("Monday", 6, 4, 4),
        ("Tuesday", 6, 1, 1),
        ("Saturday", 6, 1, 1),
    ]
    assert drawn.sentence == "Of 6 visits 5 were on weekdays, and 6 in the morning."
    assert week.week([], UTC) is None
    assert "Monday in the morning" in week.week(times[:1], UTC).sentence
    late = week.week([monday_ms - 3_600_000], ZoneInfo("Europe/Berlin"))
    assert late.cells[0].hour == 0, "by the clock on the wall"


def test_a_distribution_says_where_one_stands_and_hides_what_is_too_few():
    drawn = spread.spread([("calm", 3), ("bright", 9)], 0, "visits", "now")
    assert drawn.sentence == "Most often bright: 9 of 12 visits; now at calm."
    assert [bar.is_here for bar in drawn.bars] == [True, False]
    hidden = spread.spread([("calm", None), ("bright", 20), ("party", None)], 1, "people")
    assert hidden.sentence == "Most often bright: 20 people; you are here, too."
    assert spread.spread([("calm", None), ("bright", 0)]) is None


def test_lanes_have_a_device_each_and_leave_out_what_was_undone():
    entries = [
        {"at_ms": NOON_MS, "device": "lamp-1", "kind": "visit", "text": "v",
         "details": {"seconds": 60}},
        {"at_ms": NOON_MS - 9, "device": "lamp-1", "kind": "adjusted", "text": "a", "details": {}},
        {"at_ms": NOON_MS - 8, "device": None, "kind": "wish", "text": "w", "details": {}},
        {"at_ms": NOON_MS, "device": "old", "kind": "visit", "text": "u", "details": {},
         "undone": True},
    ]  # fmt: skip
    drawn = lanes.lanes(entries, ["lamp-1", "lamp-2"], UTC, NOON_MS)
    assert [(lane.name, lane.counts) for lane in drawn.lanes] == [
        ("lamp-1", (1, 1, 0)),
        ("lamp-2", (0, 0, 0)),
        ("at the hub", (0, 0, 1)),
    ]
    marks = [mark for lane in drawn.lanes for mark in lane.marks]
    assert all(mark.x >= 0 and mark.x + mark.width <= 100 for mark in marks)
    assert drawn.sentence.endswith("1 visit, 1 set by hand.")
    assert lanes.lanes([], ["lamp-1"], UTC, NOON_MS) is None


def test_the_curve_of_the_fleet_is_labelled_at_its_lines_none_upon_another():
    def point(visit, *means):
        names = ("corrections", "last_used", "default")
        return {"from_visit": visit, "customers": 20} | {
            name: {"mean": mean} for name, mean in zip(names, means, strict=True)
        }

    drawn = curve.curve([point(1, 1.5, 1.5, 1.5), point(9, 0.2, 0.21, 0.22)])
    heights = [line.label_y for line in drawn.lines]
    assert heights == sorted(heights)
    assert min(b - a for a, b in pairwise(heights)) >= 12
    assert drawn.sentence.startswith("From visit 9 on, 0.20 settings a visit")
    assert curve.curve([point(1, 1, 1, 1)]) is None
