"""What somebody at the support desk does in a day."""

import re

from playwright.sync_api import expect

from tests.browser.desk import listening, tab_to

BRIGHTNESS = "#lamp-brightness"


def test_ana_is_found_while_one_types(home, opens):
    page = opens("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("ana")
    expect(page.locator("#count")).to_have_text("1 customer and 0 devices match “ana”.")
    expect(page.locator("#found")).not_to_contain_text("Ben Ng")
    assert page.url.endswith("/?q=ana")
    page.get_by_role("link", name="Ana Oliveira").click()
    expect(page.locator("h1")).to_have_text("Ana Oliveira")


def test_why_the_lamp_is_at_35_percent_is_one_step_away(home, opens):
    page = opens(f"/customers/{home.ana}")
    row = page.locator(BRIGHTNESS)
    expect(row.locator(".now")).to_have_text("35 %")
    expect(row.locator(".chip").first).to_have_text("learned")
    expect(row.locator(".why")).not_to_be_visible()
    row.locator("> summary").click()
    expect(row.locator(".why")).to_contain_text("of your last 12 visits")
    expect(row.locator(".why")).to_contain_text(re.compile(r"\d+ % sure"))


def test_a_wish_with_a_reason_is_followed_without_reloading(home, opens):
    page = opens(f"/customers/{home.ana}")
    page.evaluate("window.same = true")
    ask(page, "20", "Ana called: dazzled")
    row = page.locator(BRIGHTNESS)
    expect(row.locator(".now")).to_have_text("20 %")
    expect(row.locator("> summary .chips")).to_contain_text("wish queued")
    expect(page.locator("#timeline")).to_contain_text("Ana called: dazzled")
    row.locator("> summary").click()
    page.evaluate("window.same = true")
    home.lamp_listens()
    expect(row.locator("> summary .chips")).to_contain_text("wish applied")
    expect(row.locator(".became")).to_contain_text("lamp-1 uses it")
    expect(row.locator(".became")).to_contain_text("on its way to lamp-2")
    assert page.evaluate("window.same")
    assert page.locator(f"{BRIGHTNESS}[open]").count() == 1
    expect(page.locator(f"{BRIGHTNESS}-by")).to_have_value("Sam")


def test_a_hand_at_the_lamp_shows_at_once_and_what_one_types_stays(home, opens):
    page = opens(f"/customers/{home.ana}")
    listening(page)
    row = page.locator(BRIGHTNESS)
    row.locator("> summary").click()
    page.fill(f"{BRIGHTNESS}-reason", "called abo")
    page.evaluate("window.same = true")
    home.turn(55, 35)
    expect(row.locator(".why")).to_contain_text("of the last 13 visits")
    expect(page.locator(f"{BRIGHTNESS}-reason")).to_be_focused()
    page.keyboard.type("ut it")
    expect(page.locator(f"{BRIGHTNESS}-reason")).to_have_value("called about it")
    assert page.evaluate("window.same")
    expect(page.locator("#news")).to_contain_text("Brightness set to 55 % by hand at lamp-1")


def test_a_wish_based_on_what_no_longer_stands_is_refused_and_kept(home, opens):
    page = opens(f"/customers/{home.ana}")
    listening(page)
    page.locator(f"{BRIGHTNESS} > summary").click()
    page.fill(f"{BRIGHTNESS}-value", "20")
    home.turn(55, 35)
    expect(page.locator(f"{BRIGHTNESS} .why")).to_contain_text("of the last 13 visits")
    page.fill(f"{BRIGHTNESS}-by", "Sam")
    page.click(f"{BRIGHTNESS} button.first")
    expect(page.locator(f"{BRIGHTNESS} .problem")).to_contain_text("changed since you looked")
    expect(page.locator(f"{BRIGHTNESS}-value")).to_have_value("20")
    page.click(f"{BRIGHTNESS} button.first")
    expect(page.locator(f"{BRIGHTNESS} .now")).to_have_text("20 %")


def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(home, opens):
    page = opens("/customers/new")
    page.fill("#email", "nowhere")
    page.click("main button")
    expect(page.locator("#name-problem")).to_contain_text("1 to 80 letters are wanted.")
    page.fill("#name", "Cleo")
    page.click("main button")
    expect(page.locator("#email-problem")).to_contain_text("no address like ana@example.org")
    expect(page.locator("#email")).to_be_focused()
    expect(page.locator("#name")).to_have_value("Cleo")
    page.fill("#email", "cleo@example.org")
    page.click("main button")
    expect(page.locator("h1")).to_have_text("Cleo")
    expect(page.locator(".notice")).to_contain_text("Welcome.")


def test_a_value_out_of_range_is_told_at_its_field(home, opens):
    page = opens(f"/customers/{home.ana}")
    ask(page, "101", "brighter")
    expect(page.locator(f"{BRIGHTNESS}-value-problem")).to_contain_text("101 is not within 0..100")
    expect(page.locator(f"{BRIGHTNESS}-reason")).to_have_value("brighter")
    expect(page.locator(f"{BRIGHTNESS}-value")).to_be_focused()


def test_every_kind_of_setting_can_be_asked_for_and_let_go(home, opens):
    page = opens(f"/customers/{home.ana}")
    for setting, act, shown in (
        ("#blind-opens_at", lambda field: field.fill("06:30"), "06:30"),
        ("#blind-follow_sun", lambda field: field.select_option("on"), "on"),
        ("#blind-edge_light", lambda field: field.fill("#6aa8ff"), "light blue"),
        ("#espresso-strength", lambda field: field.select_option("mild"), "mild"),
    ):
        page.locator(f"{setting} > summary").click()
        act(page.locator(f"{setting}-value"))
        page.fill(f"{setting}-by", "Sam")
        page.click(f"{setting} button.first")
        expect(page.locator(f"{setting} .now")).to_have_text(shown)
        expect(page.locator(f"{setting} > summary .chip").first).to_have_text("said")
    page.locator("#espresso-strength > summary").click()
    page.click("#espresso-strength button[name=let_go]")
    expect(page.locator("#espresso-strength .now")).to_have_text("strong")


def test_learning_is_paused_and_resumed(home, opens):
    page = opens(f"/customers/{home.ana}")
    for button, chips in (("Pause learning", 2), ("Learn again", 1)):
        page.locator(f"{BRIGHTNESS} > summary").click()
        page.locator(BRIGHTNESS).get_by_role("button", name=button).click()
        expect(page.locator(f"{BRIGHTNESS} > summary .chip")).to_have_count(chips)


def test_a_device_is_linked_and_unlinked(home, opens):
    page = opens(f"/customers/{home.ana}")
    page.fill("#device", "lamp-99")
    page.keyboard.press("Enter")
    expect(page.locator("#device-problem")).to_contain_text("There is no device 'lamp-99'")
    page.fill("#device", "lamp-9")
    page.keyboard.press("Enter")
    expect(page.locator("#devices .list")).to_contain_text("lamp-9")
    page.locator("#more-lamp-9 > summary").click()
    page.get_by_role("button", name="Unlink lamp-9").click()
    expect(page.locator("#devices .list")).not_to_contain_text("lamp-9")


def test_nobody_is_forgotten_by_a_slip_of_the_hand(home, opens):
    page = opens(f"/customers/{home.ana}")
    page.click("#forget a")
    page.fill("#name", "Anna")
    page.keyboard.press("Enter")
    expect(page.locator("#name-problem")).to_contain_text("Type Ana Oliveira to be sure.")
    page.fill("#name", "ana oliveira")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("erased")
    expect(page.locator(".copies")).to_contain_text("lamp-1")
    page.goto(home.desk.url)
    expect(page.locator("#found")).to_contain_text("Ben Ng")
    expect(page.locator("#found")).not_to_contain_text("Ana")


def test_the_whole_way_by_keyboard_alone(home, opens):
    page = opens("/devices/lamp-1")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("ana")
    expect(page.locator("#found")).not_to_contain_text("Ben Ng")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Ana Oliveira")
    tab_to(page, f"{BRIGHTNESS} > summary", 60)
    page.keyboard.press("Enter")
    tab_to(page, f"{BRIGHTNESS}-value", 60)
    page.keyboard.press("ArrowDown")
    tab_to(page, f"{BRIGHTNESS}-by", 60)
    page.keyboard.type("Sam")
    page.keyboard.press("Enter")
    expect(page.locator(f"{BRIGHTNESS} .now")).to_have_text("30 %")


def test_without_a_script_one_can_search_ask_and_read(home, opens):
    page = opens("/", script=False)
    page.fill("#q", "lamp-2")
    page.keyboard.press("Enter")
    expect(page.locator("#found")).not_to_contain_text("Ben Ng")
    page.get_by_role("link", name="Ana Oliveira").click()
    ask(page, "20", "called")
    expect(page.locator(f"{BRIGHTNESS} .now")).to_have_text("20 %")


def test_the_timeline_is_narrowed_and_paged(home, opens):
    page = opens(f"/customers/{home.ana}")
    told = page.locator("#timeline .told > li")
    expect(told).to_have_count(20)
    page.click("#timeline >> text=Older")
    expect(page.get_by_role("link", name="Newest")).to_be_visible()
    assert told.count() < 20
    page.select_option("#filter-kind", "gap")
    page.click("#timeline button")
    expect(told).to_have_count(1)
    expect(told).to_contain_text("Events 120 to 187 were lost: the device's memory was full")
    page.select_option("#filter-kind", "")
    page.select_option("#filter-device", "lamp-2")
    page.click("#timeline button")
    expect(told).to_have_count(1)
    expect(told.locator("time")).to_have_attribute(
        "title", re.compile(r"2026-09-12 12:00:\d\d UTC")
    )


def test_use_is_told_with_a_bar_a_plot_and_its_table(home, opens):
    page = opens(f"/customers/{home.ana}")
    use = page.locator("#use")
    expect(use).to_contain_text("No corrections by hand in the last 5 visits, fewer than in")
    expect(use.get_by_label("Since descaling")).to_have_attribute("value", "188")
    expect(use.get_by_role("img").last).to_have_attribute("aria-label", re.compile("corrected"))
    page.click("#lamp-corrections > summary")
    expect(page.locator("#lamp-corrections tbody tr")).to_have_count(12)


def test_a_device_says_how_it_is_and_what_it_lost(home, opens):
    page = opens("/devices/espresso-1")
    expect(page.locator("h1")).to_have_text("espresso-1")
    expect(page.locator("main")).to_contain_text("offline")
    expect(page.locator("main")).to_contain_text("Events 120 to 187 were lost")
    expect(page.get_by_label("Since descaling")).to_have_attribute("value", "188")
    page.get_by_role("link", name="Ana Oliveira").click()
    expect(page.locator("h1")).to_have_text("Ana Oliveira")


def test_a_device_that_comes_back_shows_in_the_list_at_once(home, opens):
    page = opens("/")
    listening(page)
    online = page.locator("#found .chip.good")
    expect(online).to_have_count(1)
    home.desk.do(lambda: home.machine.hello(product="espresso"))
    expect(online).to_have_count(2)
    expect(page.locator("#q")).to_be_focused()


def test_every_page_links_to_the_same_as_json(home, opens):
    page = opens("/")
    for path in ("/", f"/customers/{home.ana}", "/devices/lamp-1"):
        page.goto(home.desk.url + path)
        addresses = [link.get_attribute("href") for link in page.locator("footer a").all()]
        assert addresses
        for address in addresses:
            answer = page.request.get(home.desk.url + address)
            assert "," in answer.text() if ".csv" in address else answer.json()


def test_who_is_unknown_or_not_signed_in_gets_a_page_not_a_riddle(home, opens):
    page = opens("/customers/c-000000000000")
    expect(page.locator("h1")).to_have_text("There is nothing here")
    page = opens(f"/customers/{home.ana}", signed_in=False)
    expect(page.locator("h1")).to_have_text("You are not signed in")
    assert "Ana" not in page.content()


def test_a_form_without_the_token_of_its_session_changes_nothing(home, opens):
    page = opens(f"/customers/{home.ana}/forget")
    page.evaluate("document.querySelector('main [name=form_token]').value = 'guess'")
    page.fill("#name", "Ana Oliveira")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("This page is too old")
    page.goto(f"{home.desk.url}/customers/{home.ana}")
    expect(page.locator("h1")).to_have_text("Ana Oliveira")


def ask(page, value, reason):
    page.locator(f"{BRIGHTNESS} > summary").click()
    page.fill(f"{BRIGHTNESS}-value", value)
    page.fill(f"{BRIGHTNESS}-reason", reason)
    page.fill(f"{BRIGHTNESS}-by", "Sam")
    page.click(f"{BRIGHTNESS} button.first")
