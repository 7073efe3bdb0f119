"""The air between radios: who hears whom, how strongly, and what happens when one is gone.

Bumble's LocalLink delivers everything to everyone. Air adds places (x, y in cm), a path loss
model, fading, loss, range, scan duty cycle, advertising jitter and power loss.

    air = Air()
    air.place("lamp", 0, 0)
    antenna = Antenna("lamp", air, public_address=...)
"""

import asyncio
import math
from random import Random

from bumble import hci, ll
from bumble.controller import Controller
from bumble.core import PhysicalTransport
from bumble.device import Device, DeviceConfiguration
from bumble.host import Host
from bumble.link import LocalLink

from tools.bench.antenna import Advert, Antenna

TX_1M_DBM = -59.0  # what a phone at 0 dBm gives at one metre, the usual calibration value
PATH_LOSS_EXPONENT = 2.2  # 2.0 is free space; a furnished room is a little worse
SENSITIVITY_DBM = -95  # below this an ESP32 hears nothing
NEAREST_CM = 10.0  # antennas do not come closer, and log(0) has no value
SUPERVISION_TIMEOUT_S = 0.6
JITTER_S = 0.010  # Core 5.4 vol 6 part B 4.4.2.2.1: advDelay, 0 to 10 ms


class Air(LocalLink):
    """Carries adverts and links between the antennas that stand near enough.

    fading_db is the standard deviation of each advert's RSSI, loss the fraction of adverts that
    vanish; both follow `seed` and may be set at any time. latency_s delays link data one way, as
    half a connection interval does.
    """

    def __init__(
        self, *, seed: int = 0, fading_db: float = 0.0, loss: float = 0.0, latency_s: float = 0.0
    ) -> None:
        super().__init__()
        self.fading_db, self.loss, self.latency_s = fading_db, loss, latency_s
        self._seed = seed
        self._places: dict[str, tuple[float, float]] = {}
        self._chances: dict[tuple[str, str], Random] = {}

    def place(self, name: str, x_cm: float, y_cm: float) -> None:
        """Put the radio of this name somewhere; links that no longer reach time out."""
        self._places[name] = (x_cm, y_cm)
        for antenna in self._antennas():
            if antenna.name == name:
                self._watch_links_of(antenna)

    def rssi_dbm(self, sender: str, receiver: str) -> float:
        """Mean RSSI between two radios by name; an unplaced radio stands at (0, 0)."""
        here, there = self._places.get(sender, (0, 0)), self._places.get(receiver, (0, 0))
        metres = max(math.dist(here, there), NEAREST_CM) / 100
        return TX_1M_DBM - 10 * PATH_LOSS_EXPONENT * math.log10(metres)

    def reaches(self, sender: str, receiver: str) -> bool:
        return self.rssi_dbm(sender, receiver) >= SENSITIVITY_DBM

    def transmit(self, sender: Antenna, advert: Advert) -> None:
        """Send one advert now to every antenna in range."""
        loop = asyncio.get_running_loop()
        for receiver in self._antennas():
            if receiver is sender or not receiver.listening():
                continue
            rssi_dbm = self._received_dbm(sender.name, receiver.name)
            if rssi_dbm is not None:
                loop.call_soon(receiver.hear, advert, rssi_dbm)

    def vanish(self, antenna: Antenna) -> None:
        """Power loss: no farewell on the air, peers notice after the supervision timeout."""
        if antenna not in self.controllers:
            return
        links = [
            (peer, link)
            for peer in self._antennas()
            for link in peer.le_connections.values()
            if self.find_le_controller(link.peer_address) is antenna
        ]
        self.controllers.discard(antenna)
        antenna.silence()
        for peer, link in links:
            asyncio.get_running_loop().call_later(SUPERVISION_TIMEOUT_S, peer.time_out, link)

    # What LocalLink asks for.

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu):
        assert isinstance(sender_controller, Antenna)
        loop = asyncio.get_running_loop()
        if not isinstance(packet, ll.AdvExtInd):
            for receiver in self._antennas():
                if receiver is not sender_controller:
                    loop.call_soon(receiver.on_ll_advertising_pdu, packet)
            return
        advert = sender_controller.advert(packet.advertiser_address)
        if advert is not None:
            # Bumble's timers are exact; two radios started together would collide for ever.
            delay_s = self._chance(sender_controller.name, "").uniform(0, JITTER_S)
            loop.call_later(delay_s, self.transmit, sender_controller, advert)

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ):
        receiver = self.find_le_controller(destination_address)
        if receiver is None or not self.reaches(sender_controller.name, receiver.name):
            return
        # Bumble names the sender's current random address; the link was made with another one
        # if that has rotated since, or if the sender is public.
        link = sender_controller.le_connections.get(destination_address)
        source = link.self_address if link else sender_controller.random_address
        asyncio.get_running_loop().call_later(
            self.latency_s, receiver.on_link_acl_data, source, transport, data
        )

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ):
        sender = self.find_le_controller(sender_address)
        receiver = self.find_le_controller(receiver_address)
        if receiver is None or (sender and not self.reaches(sender.name, receiver.name)):
            return
        asyncio.get_running_loop().call_soon(receiver.on_ll_control_pdu, sender_address, packet)

    # Inside.

    def _antennas(self) -> list[Antenna]:
        return [antenna for antenna in self.controllers if isinstance(antenna, Antenna)]

    def _chance(self, sender: str, receiver: str) -> Random:
        # One generator a pair: the same seed gives the same fading, whoever else is there.
        key = (sender, receiver)
        if key not in self._chances:
            self._chances[key] = Random(f"{self._seed}/{sender}/{receiver}")
        return self._chances[key]

    def _received_dbm(self, sender: str, receiver: str) -> int | None:
        chance = self._chance(sender, receiver)
        if self.loss and chance.random() < self.loss:
            return None
        rssi_dbm = self.rssi_dbm(sender, receiver)
        if self.fading_db:
            rssi_dbm += chance.gauss(0, self.fading_db)
        return round(rssi_dbm) if rssi_dbm >= SENSITIVITY_DBM else None

    def _watch_links_of(self, antenna: Antenna) -> None:
        for link in list(antenna.le_connections.values()):
            peer = self.find_le_controller(link.peer_address)
            if isinstance(peer, Antenna) and not self.reaches(antenna.name, peer.name):
                asyncio.get_running_loop().call_later(
                    SUPERVISION_TIMEOUT_S, self._supervise, antenna, peer
                )

    def _supervise(self, one: Antenna, other: Antenna) -> None:
        if self.reaches(one.name, other.name):
            return
        for antenna, peer in ((one, other), (other, one)):
            for link in list(antenna.le_connections.values()):
                if self.find_le_controller(link.peer_address) is peer:
                    antenna.time_out(link)


def put_on_air(
    air: Air, name: str, address: str, *, public: bool = False
) -> tuple[Device, Antenna]:
    """A bumble Device and its antenna, not yet powered on; `address` as "F0:00:00:00:00:01"."""
    own = hci.Address(address, hci.Address.PUBLIC_DEVICE_ADDRESS) if public else None
    antenna = Antenna(name, link=air, public_address=own)
    antenna.random_address = (
        hci.Address.generate_static_address() if public else hci.Address(address)
    )
    configuration = DeviceConfiguration(name=name, address=antenna.random_address)
    return Device(config=configuration, host=Host(antenna, antenna)), antenna
