"""What a customer does on their own pages, on a phone."""

import re
from pathlib import Path

from playwright.sync_api import expect

from hub.access.who import Who
from hub.people import guest_code
from tests.browser.desk import listening, tab_to

BRIGHTNESS = "#lamp-brightness"
_CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
_PHONE = 360


def test_why_the_lamp_does_what_it_does_is_one_tap_away(home, mine):
    row = mine().locator(BRIGHTNESS)
    expect(row).to_contain_text("Your lamp sets brightness to 35 %, because you chose it 10 of")
    expect(row.locator(".chip")).to_have_text("learned")
    row.get_by_text("Why?").click()
    expect(row.locator(".well").last).to_contain_text("of your last 12 visits")


def test_what_it_saved_to_be_known_is_said_once_there_is_enough_to_compare(home, mine):
    page = mine()
    expect(page.locator("#lamp")).not_to_contain_text("in the last 10")
    home.come_again(10)
    page.reload()
    expect(page.locator("#lamp")).to_contain_text("by hand in your first 10 visits, nothing in the")
    expect(page.locator("#lamp")).to_contain_text("what is usual for everyone would have needed")


def test_a_value_is_changed_and_taken_back_where_one_stands(home, mine):
    page = mine()
    change(page, "20")
    expect(page.locator(BRIGHTNESS)).to_contain_text("20 %, because you asked for it")
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(page.locator(".notice")).to_contain_text("as if it had never happened")
    expect(page.locator(BRIGHTNESS)).to_contain_text("35 %, because you chose it")


def test_not_any_more_is_one_tap_and_so_is_the_way_back(home, mine):
    page = mine()
    row = page.locator(BRIGHTNESS)
    row.get_by_role("button", name="Not any more brightness").first.click()
    expect(row).to_contain_text("60 %, which is usual for everyone")
    expect(row.locator(".chip")).to_have_text(["default", "not used"])
    row.get_by_role("button", name="Learn it again").click()
    expect(row).to_contain_text("35 %, because you chose it")


def test_a_value_that_cannot_be_is_told_at_its_field_and_kept(home, mine):
    page = mine()
    change(page, "101")
    expect(page.locator(f"{BRIGHTNESS}-value-problem")).to_contain_text("not within 0..100")
    expect(page.locator(f"{BRIGHTNESS}-value")).to_have_value("101")
    expect(page.locator(f"{BRIGHTNESS}-value")).to_be_focused()
    listening(page)
    home.turn(55, 35)
    expect(page.locator("#done")).to_contain_text("Brightness set to 55 % by hand")
    expect(page.locator(f"{BRIGHTNESS}-value")).to_have_value("101")


def test_what_a_hand_does_shows_without_reloading_and_what_one_types_stays(home, mine):
    page = mine()
    listening(page)
    page.evaluate("window.same = true")
    page.locator(BRIGHTNESS).get_by_text("Change").click()
    page.fill(f"{BRIGHTNESS}-value", "25")
    home.turn(55, 35)
    expect(page.locator(BRIGHTNESS)).to_contain_text("of the last 13 times")
    expect(page.locator("#done")).to_contain_text("Brightness set to 55 % by hand")
    expect(page.locator(f"{BRIGHTNESS}-value")).to_have_value("25")
    assert page.evaluate("window.same")


def test_a_change_before_the_page_listened_is_not_missed(home, mine):
    page = mine(script=False)
    served = page.content()
    home.turn(55, 35)
    page = mine("/mine/history")
    old = {"body": served, "content_type": "text/html"}
    page.route("**/mine", lambda route: route.fulfill(**old), times=1)
    page.goto(f"{home.desk.url}/mine")
    expect(page.locator(BRIGHTNESS)).to_contain_text("of the last 13 times")


def test_consent_is_withdrawn_by_one_switch_and_given_again(home, mine):
    page = mine("/mine/choices")
    switch = page.get_by_role("switch", name="My products may learn from what I do")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(page.locator(".notice")).to_contain_text("Taken back.")
    expect(page.locator(".notice")).to_be_in_viewport()
    expect(switch).to_be_focused()
    page.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(switch).to_be_focused()


def test_who_looked_is_told_with_the_reason(home, mine, opens):
    home.desk.do(
        lambda: home.desk.parts.audit.write(
            Who("support", "Sam"), "looked at everything known", home.ana, "Ana called: too bright"
        )
    )
    looked = mine("/mine/choices").locator("#looked")
    expect(looked).to_contain_text("Sam (support) looked at everything known.")
    expect(looked).to_contain_text("Ana called: too bright")


def test_how_often_one_is_written_to_is_said_and_a_wrong_day_kept(home, mine):
    page = mine("/mine/choices")
    page.get_by_label("Day of the invoice").fill("32")
    page.get_by_label("How often may we write to you?").select_option("never")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#prefer-invoice_day-problem")).to_be_visible()
    expect(page.get_by_label("Day of the invoice")).to_have_value("32")
    page.get_by_label("Day of the invoice").fill("31")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notice")).to_contain_text("Saved.")
    expect(page.get_by_label("How often may we write to you?")).to_have_value("never")


def test_everything_is_downloaded(home, mine):
    page = mine("/mine/data")
    for name, ending in (("All of it, as JSON", ".json"), ("As tables (CSV)", ".zip")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename.endswith(ending)
        assert Path(download.value.path()).stat().st_size > 500


def test_a_guest_is_invited_by_the_code_they_show(home, mine):
    home.desk.do(lambda: home.desk.profiles.register("lamp-own", "lamp", "Lamp of mine"))
    home.desk.do(lambda: home.desk.profiles.link(home.ana, "lamp-own", "owner"))
    code = home.desk.do(lambda: guest_code.new(home.desk.parts.identities, home.ben))
    page = mine("/mine/home")
    lamp = page.locator("#lamp-own")
    lamp.get_by_text("Let it know somebody else").click()
    lamp.get_by_label("Their guest code").fill("nonsense")
    lamp.get_by_role("button", name="Invite").click()
    expect(page.locator("#invite-lamp-own-code-problem")).to_contain_text("It reads like")
    lamp.get_by_label("Their guest code").fill(code)
    lamp.get_by_role("button", name="Invite").click()
    expect(lamp).to_contain_text("Ben Ng")
    lamp.get_by_role("button", name="Send away Ben Ng").click()
    expect(lamp).not_to_contain_text("Ben Ng")
    page.get_by_role("button", name="Show my guest code").click()
    expect(page.locator(".code")).to_have_text(re.compile("^([0-9a-f]{4}-){4}[0-9]{4}$"))


def test_leaving_is_as_easy_as_coming_and_the_receipt_stays(home, mine, opens):
    page = mine("/mine/data")
    page.get_by_role("link", name="Erase everything").click()
    page.fill("#name", "Anna")
    page.keyboard.press("Enter")
    expect(page.locator("#name-problem")).to_contain_text("Type Ana Oliveira to be sure.")
    page.fill("#name", "Ana Oliveira")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("It is being erased")
    expect(page.locator(".copies")).to_contain_text("Waits for lamp-1")
    address = page.url.removeprefix(home.desk.url)
    home.lamp_listens()
    page = opens(address, width=_PHONE, signed_in=False)
    expect(page.locator(".copies")).to_contain_text("lamp-1 confirmed on")
    assert "Ana" not in page.inner_text("body")


def test_the_whole_way_by_keyboard_alone(home, mine):
    page = mine(width=1000)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    tab_to(page, f"{BRIGHTNESS}-change > summary", 200)
    page.keyboard.press("Enter")
    tab_to(page, f"{BRIGHTNESS}-value", 200)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(BRIGHTNESS)).to_contain_text("30 %, because you asked for it")


def test_without_a_script_one_reads_changes_and_withdraws(home, mine):
    page = mine(script=False)
    change(page, "20")
    expect(page.locator(BRIGHTNESS)).to_contain_text("20 %, because you asked for it")
    page.goto(f"{home.desk.url}/mine/choices")
    page.get_by_role("switch", name="My products may learn from what I do").click()
    expect(page.locator(".notice")).to_contain_text("Taken back.")


def test_the_page_is_installed_keeps_only_the_look_and_says_when_it_is_offline(home, mine):
    page = mine(goes_offline=True)
    kept = page.evaluate(
        """async () => {
            await navigator.serviceWorker.ready;
            const names = await caches.keys();
            const all = await Promise.all(names.map(async (n) => (await caches.open(n)).keys()));
            return all.flat().map((one) => new URL(one.url).pathname);
        }"""
    )
    assert kept and all(path.startswith("/static/") for path in kept)
    manifest = page.request.get(f"{home.desk.url}/static/mine.webmanifest").json()
    assert manifest["start_url"] == "/mine"
    for icon in manifest["icons"]:
        assert page.request.get(home.desk.url + icon["src"]).ok
    page.goto(f"{home.desk.url}/near")  # it listens to nothing that would complain
    page.context.set_offline(True)
    page.goto(f"{home.desk.url}/mine/choices")
    expect(page.locator("h1")).to_have_text("The hub cannot be reached")
    assert page.evaluate(_CHECKS) == []
    page.context.set_offline(False)


def change(page, value):
    page.locator(BRIGHTNESS).get_by_text("Change").click()
    page.fill(f"{BRIGHTNESS}-value", value)
    page.locator(f"{BRIGHTNESS}-change").get_by_role("button", name="Do it so").click()
