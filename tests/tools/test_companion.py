"""The person's side over bleak, against the real firmware on the virtual radio."""

import pytest

from tests.tools.home import Home, at_home
from tools.bench.wait import until
from tools.companion import CompanionError, RefusedError


@at_home
async def test_a_person_reads_what_the_device_knows_of_them(home: Home):
    await home.ana.walk_to(home.lamp)
    about = await home.tell(lambda meeting: meeting.about())
    assert about["product"] == "lamp"
    assert [line["name"] for line in about["settings"]] == ["brightness", "warmth", "colour"]
    assert (
        about["settings"][0]["why"] == "brightness 60 %, the usual for everyone, until you choose."
    )


@at_home
async def test_what_a_person_says_is_done_at_once_and_reaches_the_hub(home: Home):
    await home.ana.walk_to(home.lamp)
    line = await home.tell(lambda meeting: meeting.say(0, 25))
    assert (line["code"], line["why"]) == (25, "brightness 25 %, because you asked for it.")
    await until("the lamp is set", lambda: home.console.codes[:1] == (25,))
    await until("a session proves who is here", lambda: home.console.sure)
    assert home.ana.customer
    await home.world.until_hub_says(home.ana, "brightness", 25)


@at_home
async def test_what_the_product_cannot_is_refused_in_a_sentence_and_the_session_goes_on(home: Home):
    async def talk(meeting):
        with pytest.raises(RefusedError, match=r"brightness: 400 is not within 0\.\.100"):
            await meeting.say(0, 400)
        with pytest.raises(RefusedError, match="no setting 9"):
            await meeting.say(9, 1)
        return await meeting.about()

    await home.ana.walk_to(home.lamp)
    assert (await home.tell(talk))["visits"] == 0


@at_home
async def test_a_stranger_gets_nothing_from_the_device(home: Home):
    ben = await home.world.person("Ben")
    await ben.walk_to(home.lamp)
    with pytest.raises(CompanionError, match="does not know you"):
        await ben.connect(home.lamp, lambda meeting: meeting.about())


@at_home
async def test_who_was_forgotten_is_a_stranger_again(home: Home):
    await home.ana.walk_to(home.lamp)
    home.world.hub.parts.profiles.forget(home.ana.customer)
    await home.world.caught_up(home.lamp)
    with pytest.raises(CompanionError):
        await home.tell(lambda meeting: meeting.about())
    for _ in range(5):
        await home.ana.phone.advertise_now()
        await home.world.skip(seconds=1)
    assert home.console.subject is None
