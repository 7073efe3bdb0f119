"""Ana at home with two lamps, and a hub."""

import pytest

from hub.past.histories import Histories
from tests.journeys.home import Home


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.ana = home.welcome("Ana")
    home.histories = Histories(home.hub.profiles.office)
    home.quiet()
    yield home
    for lamp in home.lamps.values():
        lamp.power_off()
