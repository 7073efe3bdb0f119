"""The rest of what support does: says why, puts right, writes down, lets in, replaces."""

import csv
import io
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import picture


def test_why_it_did_so_at_7_31_is_three_clicks_from_the_search(home, opens):
    home.come_in_the_morning()
    page, clicks = opens("/"), []
    page.keyboard.type("ana")
    expect(page.locator("#count")).to_contain_text("match “ana”")

    def click(one):
        clicks.append(one)
        one.click()

    click(page.get_by_role("link", name="Ana Oliveira"))
    line = page.locator("#timeline .told > li", has_text="today at 7:31 to 7:51")
    click(line.get_by_text("Why?"))
    expect(line.locator(".then")).to_contain_text("Brightness 35 %")
    expect(line.locator(".then")).to_contain_text("brightness 35 %, your usual")
    expect(line.locator(".then")).to_contain_text("Certain: decided again")
    assert len(clicks) <= 3
    picture(page, "why", line)


def test_why_is_answered_though_it_was_asked_before_the_script_was_there(home, opens):
    page, late = opens("/"), []
    page.route("**/static/asked.js", lambda route: late.append(route))
    page.goto(f"{home.desk.url}/customers/{home.ana}", wait_until="commit")
    line = page.locator(f"#line-{home.visit}")
    line.get_by_text("Why?").click()
    while not late:
        page.wait_for_timeout(10)
    late[0].continue_()
    expect(line.locator(".then")).to_contain_text("Corrected by hand to 35 %")


def test_the_picture_of_the_desk_shows_a_person_on_one_page(home, opens):
    home.make_it_lively()
    home.reckon()
    page = opens(f"/customers/{home.ana}")
    expect(page.locator("#live")).to_be_visible()
    page.click("#lamp-brightness > summary")
    expect(page.locator("#lamp-brightness .plot").last).to_contain_text("Ana is here")
    picture(page, "desk")


def test_without_a_script_the_reason_is_a_page_of_its_own(home, opens):
    page = opens("/", script=False)
    page.goto(f"{home.desk.url}/customers/{home.ana}/visits/{home.visit}")
    expect(page.locator("h1")).to_have_text("Why lamp-1 did what it did")
    expect(page.locator(".then")).to_contain_text("Corrected by hand to 35 %")


def test_a_visit_that_was_somebody_elses_counts_as_theirs(home, opens):
    home.desk.do(lambda: home.desk.profiles.link(home.ben, "lamp-1"))
    page = opens(f"/customers/{home.ana}/visits/{home.visit}")
    page.click("text=This was not Ana")
    page.get_by_label("Who was it?").select_option(label="Ben Ng: it counts as theirs")
    page.fill(f"#mistaken-{home.visit}-reason", "Ben called: he had her phone")
    page.click("text=Correct it")
    expect(page.locator(".notice")).to_contain_text("as if it had never been theirs")
    expect(page.locator("#use")).to_contain_text("11 visits")
    page.goto(f"{home.desk.url}/customers/{home.ben}")
    expect(page.locator("#lamp-brightness .now")).to_have_text("35 %")
    expect(page.locator("#timeline")).to_contain_text("25 minutes at lamp-1: corrected to")


def test_a_note_is_kept_read_and_removed(home, opens):
    page = opens(f"/customers/{home.ana}")
    page.click("#notes button:has-text('Keep it')")
    expect(page.locator("#note-problem")).to_contain_text("1 to 1000 letters are wanted.")
    page.fill("#note", "Reads in bed.\nCall after 18:00.")
    page.click("#notes button:has-text('Keep it')")
    note = page.locator("#notes .note")
    expect(note).to_contain_text("Call after 18:00.")
    expect(note).to_contain_text("today at")
    note.get_by_role("button").click()
    expect(note).to_have_count(0)


def test_a_guest_is_let_in_and_what_is_wrong_is_told_at_its_field(home, opens):
    page = opens(f"/customers/{home.ana}")
    page.click("#more-lamp-1 > summary")
    page.fill("#guest-of-lamp-1", "nobody at all")
    page.click("#more-lamp-1 >> text=Let them in")
    expect(page.locator("#guest-of-lamp-1-problem")).to_contain_text("Nobody matches")
    page.fill("#guest-of-lamp-1", "Ben Ng")
    page.fill("#guest-of-lamp-1-hours", "30")
    page.click("#more-lamp-1 >> text=Let them in")
    expect(page.locator("#guest-of-lamp-1-hours-problem")).to_contain_text("1 to 24 are wanted")
    expect(page.locator("#guest-of-lamp-1")).to_have_value("Ben Ng")
    page.fill("#guest-of-lamp-1-hours", "6")
    page.click("#more-lamp-1 >> text=Let them in")
    expect(page.locator(".notice")).to_contain_text("knows the guest from now on")
    page.goto(f"{home.desk.url}/customers/{home.ben}")
    page.click("#more-lamp-1 > summary")
    expect(page.locator("#more-lamp-1")).to_contain_text("a guest there, until today at 18:")


def test_a_device_is_replaced_by_another(home, opens):
    page = opens(f"/customers/{home.ana}")
    page.click("#more-lamp-1 > summary")
    page.fill("#replaced-lamp-1", "espresso-1")
    page.click("#more-lamp-1 >> text=Replace it >> nth=-1")
    expect(page.locator("#replaced-lamp-1-problem")).to_contain_text("is no other lamp")
    page.fill("#replaced-lamp-1", "lamp-9")
    page.click("#more-lamp-1 >> text=Replace it >> nth=-1")
    expect(page.locator(".notice")).to_contain_text("The new device knows")
    expect(page.locator("#devices .list")).to_contain_text("lamp-9")
    expect(page.locator("#devices .list")).not_to_contain_text("lamp-1")


def test_two_identities_are_linked_by_their_codes_and_parted(home, opens):
    identities = home.desk.parts.identities
    codes = [home.desk.do(lambda one=one: identities.prove(one)) for one in (home.ana, home.ben)]
    page = opens(f"/customers/{home.ana}")
    page.click("#joining > summary")
    page.fill("#join-code", codes[0])
    page.fill("#join-other", home.ben)
    page.fill("#join-other_code", "00000000")
    page.click("text=Link them")
    expect(page.locator("#join-other_code-problem")).to_contain_text("Wrong, used or too old")
    expect(page.locator("#join-code")).to_have_value(codes[0])
    page.fill("#join-other_code", codes[1])
    page.click("text=Link them")
    expect(page.locator("#identities .list")).to_contain_text("Ben Ng")
    page.click("text=Part Ana Oliveira from the others")
    expect(page.locator("#identities .list")).to_have_count(0)


def test_a_reason_that_was_given_stands_in_what_the_customer_can_read(home, opens):
    page = opens(f"/customers/{home.ana}")
    page.click("#lamp-brightness > summary")
    page.fill("#lamp-brightness-rule-reason", "She moved the lamp")
    page.locator("#lamp-brightness").get_by_role("button", name="Freeze").click()
    expect(page.locator(".notice")).to_contain_text("stays as it is")
    looked = home.desk.do(lambda: home.desk.parts.audit.about(home.ana, 20))
    assert "She moved the lamp" in [one["reason"] for one in looked]


def test_undoing_linking_and_letting_in_are_on_the_record_with_their_reasons(home, opens):
    page = opens(f"/customers/{home.ana}")
    line = page.locator("#timeline .told > li", has=page.get_by_role("button", name="Undo")).first
    line.get_by_text("With a reason").click()
    line.get_by_label("Reason").fill("A child played with it")
    line.get_by_role("button", name="Undo").click()
    expect(page.locator(".notice")).to_contain_text("as if it had never happened")
    page.fill("#link-reason", "She bought a second one")
    page.fill("#device", "lamp-77")
    page.click("#devices >> text=Link >> nth=-1")
    expect(page.locator("#device-problem")).to_be_visible()
    expect(page.locator("#link-reason")).to_have_value("She bought a second one")
    page.fill("#device", "lamp-9")
    page.click("#devices >> text=Link >> nth=-1")
    expect(page.locator(".notice")).to_contain_text("Linked.")
    page.click("#more-lamp-1 > summary")
    page.fill("#guest-of-lamp-1", "Ben Ng")
    page.fill("#guest-of-lamp-1-reason", "Her brother stays")
    page.click("#more-lamp-1 >> text=Let them in")
    expect(page.locator(".notice")).to_contain_text("knows the guest from now on")
    looked = home.desk.do(lambda: home.desk.parts.audit.about(home.ana, 40))
    said = [(one["reason"], one["what"]) for one in looked]
    assert ("A child played with it", "undid something") in said
    assert ("She bought a second one", "linked lamp-9") in said
    assert ("Her brother stays", "let a guest in at lamp-1") in said


def test_the_timeline_is_narrowed_by_setting_source_and_day(home, opens):
    page = opens(f"/customers/{home.ana}?kind=visit")
    told = page.locator("#timeline .told > li")
    page.select_option("#filter-setting", "strength")
    page.click("#timeline form.filter button")
    expect(told).to_have_count(3)
    page.select_option("#filter-setting", "")
    page.fill("#filter-day", "2026-09-12")
    page.click("#timeline form.filter button")
    expect(told).to_have_count(1)
    page.select_option("#filter-source", "default")
    page.click("#timeline form.filter button")
    expect(page).to_have_url(re.compile("source=default"))
    expect(page.locator("#filter-source")).to_have_value("default")
    expect(told).to_have_count(1)


@pytest.mark.parametrize("path", ["", "?kind=visit&setting=brightness"])
def test_every_table_is_there_as_json_and_csv_and_they_are_the_same(home, opens, path):
    page = opens(f"/customers/{home.ana}{path}")
    addresses = [
        link.get_attribute("href") for link in page.locator("main a[href*='/tables/']").all()
    ]
    assert len(addresses) >= 12
    for address in addresses:
        answer = page.request.get(home.desk.url + address)
        assert answer.ok, address
        if ".csv" in address:
            same = page.request.get(home.desk.url + address.replace(".csv", ".json")).json()
            (rows,) = same.values()
            assert len(list(csv.DictReader(io.StringIO(answer.text())))) == len(rows), address


def test_what_the_customer_agreed_to_and_how_they_want_it_can_be_read(home, opens):
    page = opens(f"/customers/{home.ana}")
    expect(page.locator("#agreed dl").first).to_contain_text(re.compile("yes|no"))
    page.click("#dealt > summary")
    expect(page.locator("#dealt dl > div").first).to_be_visible()


def test_what_many_do_differently_is_ranked_and_plotted_without_a_name(home, opens):
    home.reckon()
    page = opens("/insight")
    expect(page.locator(".ranked li").first).to_contain_text("those who also have a kettle")
    assert page.get_by_role("img").count() >= 3
    assert "Ana" not in page.inner_text("main")
    page.click("text=Work it out now")
    expect(page.locator(".notice")).to_contain_text("Worked out anew.")
