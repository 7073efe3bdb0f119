"""One radio chip on the air: a bumble controller that hears as a real one does.

Bumble's own reports every advert at -50 dBm, as connectable, with its scan response, at any time.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from bumble import hci
from bumble.controller import Controller

_SLOT_S = 0.000625
_ESTABLISHED_S = 0.18  # six connection intervals: then who was not answered gives up
_Report = hci.HCI_LE_Extended_Advertising_Report_Event


@dataclass(frozen=True, slots=True)
class Advert:
    """One advertising event as it goes on the air; data and scan_response are at most 31 bytes."""

    address: hci.Address
    data: bytes
    scan_response: bytes = b""
    connectable: bool = False
    scannable: bool = False


class Antenna(Controller):
    """RSSI, scan duty, scan responses, kinds of adverts, and the end of a link or of the power."""

    _active_scan = False
    _scan_interval_s = _scan_window_s = _scan_start_s = 0.0

    def advert(self, address: hci.Address) -> Advert | None:
        """What this antenna advertises under an address, or None if that has just stopped."""
        for advertised in self.advertising_sets.values():
            if advertised.enabled and advertised.address == address and advertised.parameters:
                parameters: Any = advertised.parameters
                properties = int(parameters.advertising_event_properties)
                return Advert(
                    address,
                    bytes(advertised.data),
                    bytes(advertised.scan_response_data),
                    connectable=bool(properties & 1),
                    scannable=bool(properties & 2),
                )
        return None

    def listening(self) -> bool:
        """Whether the receiver is on: while initiating, and scan_window of each scan_interval."""
        if self.pending_le_connection:
            return True
        if not self.le_scan_enable:
            return False
        if self._scan_window_s >= self._scan_interval_s:
            return True
        since_s = asyncio.get_running_loop().time() - self._scan_start_s
        return since_s % self._scan_interval_s < self._scan_window_s

    def hear(self, advert: Advert, rssi_dbm: int) -> None:
        if self.le_scan_enable:
            event_type = _Report.EventType.LEGACY_ADVERTISING_PDU_USED
            if advert.connectable:
                event_type |= _Report.EventType.CONNECTABLE_ADVERTISING
            if advert.scannable:
                event_type |= _Report.EventType.SCANNABLE_ADVERTISING
            self._report(event_type, advert.address, advert.data, rssi_dbm)
            if advert.scannable and self._active_scan:
                event_type |= _Report.EventType.SCAN_RESPONSE
                self._report(event_type, advert.address, advert.scan_response, rssi_dbm)
        wanted = self.pending_le_connection
        if wanted and advert.connectable and wanted.peer_address == advert.address:
            self.create_le_connection(advert.address)

    def time_out(self, link, reason=hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR) -> None:
        if self.le_connections.get(link.peer_address) is link:
            self.on_le_disconnected(link, reason)

    def silence(self) -> None:
        """Stop advertising and report nothing more to the host: the power is gone."""
        for advertised in list(self.advertising_sets.values()):
            advertised.stop()
        self.le_legacy_advertiser.stop()
        self.le_scan_enable = False
        self.pending_le_connection = None
        self.hci_sink = None

    def _report(self, event_type: int, address: hci.Address, data: bytes, rssi_dbm: int) -> None:
        report = _Report.Report(
            event_type=event_type,
            address_type=address.address_type,
            address=address,
            primary_phy=hci.Phy.LE_1M,
            secondary_phy=0,
            advertising_sid=0xFF,
            tx_power=127,
            rssi=rssi_dbm,
            periodic_advertising_interval=0,
            direct_address_type=0,
            direct_address=hci.Address.ANY,
            data=data,
        )
        self.send_hci_packet(_Report([report]))

    # What bumble's controller leaves out.

    def create_le_connection(self, peer_address: hci.Address) -> None:
        # Of several who answer one advert one is taken; the others find out that nobody is there.
        super().create_le_connection(peer_address)
        link = self.le_connections.get(peer_address)
        if link:
            loop = asyncio.get_running_loop()
            loop.call_later(_ESTABLISHED_S, self._check_established, link)

    def _check_established(self, link) -> None:
        peer = self.link.find_le_controller(link.peer_address) if self.link else None
        if peer is None or link.self_address not in peer.le_connections:
            self.time_out(link, hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR)

    def on_hci_le_set_extended_scan_parameters_command(self, command: Any):
        self._active_scan = bool(command.scan_types and command.scan_types[0])
        self._scan_interval_s = command.scan_intervals[0] * _SLOT_S
        self._scan_window_s = command.scan_windows[0] * _SLOT_S
        self._scan_start_s = asyncio.get_running_loop().time()
        return super().on_hci_le_set_extended_scan_parameters_command(command)

    def on_hci_le_create_connection_cancel_command(self, command: Any):
        # Bumble never reports the cancelled connection: a connect that gave up would hang.
        wanted, self.pending_le_connection = self.pending_le_connection, None
        if wanted:
            report = hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=wanted.peer_address.address_type,
                peer_address=wanted.peer_address,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
            asyncio.get_running_loop().call_soon(self.send_hci_packet, report)
        return super().on_hci_le_create_connection_cancel_command(command)
