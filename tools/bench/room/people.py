"""People as the room shows them: where they stand, and how well each device hears them."""

from typing import Any

from firmware.recogniser import USUAL_RANGE
from tools.bench.air import PATH_LOSS_EXPONENT, TX_1M_DBM
from tools.bench.room import plan
from tools.bench.world import Person, World

NEAR, ROOM, FAINT, NOT = "near", "room", "faint", "not"
CIRCLE_CM = round(100 * 10 ** ((TX_1M_DBM - USUAL_RANGE.enter_dBm) / (10 * PATH_LOSS_EXPONENT)))
"""Within this distance a device takes somebody's phone to be near."""


class Inhabitant:
    def __init__(self, world: World, person: Person, home: tuple[int, int]) -> None:
        self.person, self._world, self._home = person, world, home
        self.x_cm, self.y_cm = 0.0, 0.0
        self.go_home()

    @property
    def known(self) -> bool:
        return self.person.customer is not None

    def go_home(self) -> None:
        self.walk(*self._home)

    def walk(self, x_cm: float, y_cm: float) -> None:
        """To this place on the plan."""
        self.x_cm, self.y_cm = plan.on_plan(x_cm, y_cm)
        self.person.place(*plan.real(self.x_cm, self.y_cm))

    def heard(self, device: str) -> str:
        """near, room, faint or not: what the radio of this device makes of their phone."""
        return _how(self._dbm(device), self._world.air.reaches(self.person.name, device))

    def snapshot(self, devices: list[str], knows: dict[str, Any] | None) -> dict[str, Any]:
        """knows: what the hub knows of them."""
        return {
            "name": self.person.name,
            "known": self.known,
            "x": self.x_cm,
            "y": self.y_cm,
            "in_room": plan.in_room(self.x_cm),
            "heard": [
                {"device": device, "dbm": self._dbm(device), "how": self.heard(device)}
                for device in devices
            ],
            "knows": knows,
        }

    def _dbm(self, device: str) -> int:
        return round(self._world.air.rssi_dbm(self.person.name, device))


def _how(rssi_dbm: int, reaches: bool) -> str:
    if rssi_dbm >= USUAL_RANGE.enter_dBm:
        return NEAR
    if rssi_dbm >= USUAL_RANGE.exit_dBm:
        return ROOM
    return FAINT if reaches else NOT
