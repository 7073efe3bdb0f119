"""The journeys that would cost dear: nothing between device and hub but bytes."""

from protocol import topics


def _visit(home, lamp, detents):
    home.lamps[lamp].near(home.subject(home.ana, lamp))
    home.lamps[lamp].runtime.turn(0, detents)
    home.lamps[lamp].away()


def _brightness(home, lamp):
    return home.lamps[lamp].runtime.driver.codes[0]


def test_what_one_lamp_learned_the_other_does(home):
    _visit(home, "lamp-1", -5)
    home.quiet()
    home.lamps["lamp-2"].near(home.subject(home.ana, "lamp-2"))
    assert _brightness(home, "lamp-2") == 35


def test_walking_up_and_turning_a_knob_take_no_message(home):
    home.lamps["lamp-1"].near(home.subject(home.ana, "lamp-1"))
    home.lamps["lamp-1"].runtime.turn(0, -1)
    assert home.lamps["lamp-1"].sent == []
    assert _brightness(home, "lamp-1") == 55


def test_a_visit_while_everything_is_down_is_told_later_once(home):
    home.lamps["lamp-1"].online = False
    _visit(home, "lamp-1", -5)
    home.lamps["lamp-1"].power_on()
    home.quiet()
    home.quiet()
    (use,) = home.hub.profiles.about(home.ana)["use"]
    assert use["visits"] == 1
    assert home.hub.setting(home.ana)["value"] == 35


def test_an_old_message_that_arrives_after_a_forget_brings_nobody_back(home):
    subject = home.subject(home.ana, "lamp-1")
    _visit(home, "lamp-1", -5)
    home.quiet()
    said = list(home.before)
    home.hub.profiles.forget(home.ana)
    home.quiet()
    lamp = home.lamps["lamp-1"]
    for message in said:
        if message.device == lamp.name:
            lamp.hear(message)
    assert not lamp.knows(subject)
    assert subject.hex() not in " ".join(lamp.runtime.memory.names())


def test_what_is_confirmed_while_the_line_is_full_is_confirmed_again(home):
    lamp = home.lamps["lamp-1"]
    home.hub.profiles.wish(home.ana, "lamp", "brightness", 50, "Sam", "she asked")
    lamp.publish, publish = lambda *_: False, lamp.publish
    home.exchange()
    lamp.publish = publish
    assert lamp.sent == []
    home.pass_ms(500)
    assert topics.TOLD in [message.kind for message in lamp.sent]


def test_a_wish_older_than_a_hand_is_refused_and_both_sides_say_so(home):
    lamp = home.lamps["lamp-1"]
    lamp.online = False
    _visit(home, "lamp-1", -5)
    home.hub.profiles.wish(home.ana, "lamp", "brightness", 80, "Sam", "a guess")
    home.quiet()
    shown = home.hub.setting(home.ana)
    assert shown["value"] == 35
    assert shown["wish"]["state"] == "refused"
    lamp.near(home.subject(home.ana, "lamp-1"))
    assert _brightness(home, "lamp-1") == 35
