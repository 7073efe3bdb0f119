"""Devices that come from a factory: who is believed, who is not, and whose a device is."""

import hashlib
import os
from pathlib import Path

import pytest
from cryptography import x509

from hub.devices import claims, makers
from hub.devices.deliveries import CHALLENGE_MS, Deliveries
from hub.devices.manifest import MOST_DEVICES, Made, Manifest, read, sign
from hub.errors import ConflictError, InvalidError, UnknownDeviceError, UnknownProductError
from hub.link import issue
from hub.people.household import Household
from protocol import claim
from protocol.session import pairwise_id
from tests.conftest import many
from tests.hub.living import NOON_MS, Hub

ROOT = issue.new_authority("Aurora", depth=1)
LINE = issue.new_authority("Aurora line 1", ROOT)
ROOTS = [ROOT.certificate]
CODE = "7D2KM0QX4VNB9R3T"


def made(number: int = 1, **other: str) -> Made:
    digest = hashlib.sha256(b"%d" % number).hexdigest()
    return Made(f"lmp-{number:06}", "lamp", claims.digest(CODE), digest)._replace(**other)


def manifest(*devices: Made, by: issue.Authority = LINE) -> bytes:
    return sign(Manifest("Aurora", "Aurora line 1", "2026-11-22-1", NOON_MS, devices), by)


class Gate:
    """A hub's cores, and its deliveries."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.roots = list(ROOTS)
        self.deliveries = Deliveries(
            self.hub.store, self.hub.profiles, lambda: self.hub.now_ms, lambda: self.roots
        )

    def claim(self, customer: str, device: str, code: str) -> None:
        """Somebody who has the label presses the button, and then claims with what they type."""
        challenge = bytes.fromhex(self.deliveries.challenge(customer, device))
        receipt = claim.receipt(claim.secret(device, CODE), pairwise_id(device), challenge)
        self.deliveries.claim(customer, device, code, receipt.hex())


@pytest.fixture
def gate() -> Gate:
    return Gate()


def test_a_signed_manifest_registers_its_devices_once(gate: Gate):
    content = manifest(made(1), made(2))
    assert gate.deliveries.take(content)["new"] == 2
    assert gate.hub.profiles.device_names() == ["lmp-000001", "lmp-000002"]
    assert gate.hub.profiles.device("lmp-000001")["product"] == "lamp"
    assert gate.deliveries.lines() == [issue.pem(LINE.certificate)]
    again = gate.deliveries.take(content)
    assert (again["new"], again["known"]) == (0, 2)
    assert gate.deliveries.lines() == [issue.pem(LINE.certificate)]


def test_a_manifest_of_a_manufacturer_whom_nobody_trusts_is_refused(gate: Gate):
    other = issue.new_authority("Borealis", depth=1)
    for by in (other, issue.new_authority("Borealis line", other)):
        with pytest.raises(InvalidError, match=r"nobody whom this hub trusts .*Aurora"):
            gate.deliveries.take(manifest(made(), by=by))
    gate.roots = []
    with pytest.raises(InvalidError, match="trusts none yet"):
        gate.deliveries.take(manifest(made()))
    assert gate.hub.profiles.device_names() == []


def test_a_device_cannot_pass_for_a_line_nor_a_line_make_further_lines(gate: Gate):
    key = issue.new_key()
    certificate = issue.certify("lmp-000001", key.public_key(), LINE)
    pupil = issue.new_authority("A line of the line", LINE)
    for by in (issue.Authority(certificate, key), pupil, ROOT):
        with pytest.raises(InvalidError, match="nobody whom this hub trusts"):
            gate.deliveries.take(manifest(made(), by=by))


def test_a_manifest_that_was_changed_anywhere_is_refused(gate: Gate):
    content = manifest(made(1), made(2))
    body = content.index(b"\n")
    places = [*range(0, body, max(1, body // many(40))), *range(body + 1, len(content) - 1, 31)]
    for place in places:
        forged = bytearray(content)
        forged[place] ^= 1
        with pytest.raises(InvalidError):
            read(bytes(forged), ROOTS)
    for cut in (0, 1, body, body + 1, len(content) - 4):
        with pytest.raises(InvalidError):
            read(content[:cut], ROOTS)


@pytest.mark.parametrize(
    ("devices", "problem"),
    [
        ((), "names 0 devices"),
        ((made(), made()), "lmp-000001 twice"),
        ((made(device="../lamp"),), "1 to 32 of a-z"),
        ((made(claim="00"),), "no two SHA-256"),
        ((made(key="G" * 64),), "no two SHA-256"),
        (tuple(made(number) for number in range(MOST_DEVICES + 1)), "names 1001 devices"),
    ],
)
def test_what_a_line_signed_by_mistake_is_refused_in_words(devices, problem):
    with pytest.raises(InvalidError, match=problem):
        read(manifest(*devices), ROOTS)


def test_a_device_that_is_known_as_something_else_refuses_the_whole_manifest(gate: Gate):
    gate.deliveries.take(manifest(made(1)))
    with pytest.raises(ConflictError, match="with another key"):
        gate.deliveries.take(manifest(made(2), made(1, key="ab" * 32)))
    gate.hub.profiles.register("lmp-000003", "lamp")
    with pytest.raises(ConflictError, match="not from a factory"):
        gate.deliveries.take(manifest(made(2), made(3)))
    with pytest.raises(UnknownProductError):
        gate.deliveries.take(manifest(made(2, product="toaster")))
    assert "lmp-000002" not in gate.hub.profiles.device_names()


def test_a_device_is_claimed_once_by_the_code_on_its_label(gate: Gate):
    gate.deliveries.take(manifest(made(1)))
    ana, ben = gate.hub.profiles.welcome("Ana"), gate.hub.profiles.welcome("Ben")
    for code in ("", "0" * 16, CODE[:-1], "é" * 16):
        with pytest.raises(InvalidError, match="code: "):
            gate.claim(ana, "lmp-000001", code)
    gate.claim(ana, "lmp-000001", "7d2k-moqx 4vnb-9r3t")
    assert gate.hub.profiles.device("lmp-000001")["people"][0]["name"] == "Ana"
    for customer in (ana, ben):
        with pytest.raises(ConflictError, match="claimed already"):
            gate.claim(customer, "lmp-000001", CODE)


def test_who_does_not_have_the_code_is_not_told_whether_a_device_is_claimed(gate: Gate):
    gate.deliveries.take(manifest(made(1)))
    ana = gate.hub.profiles.welcome("Ana")
    gate.claim(ana, "lmp-000001", CODE)
    with pytest.raises(InvalidError, match="not the code"):
        gate.claim(ana, "lmp-000001", "0" * 16)


def test_an_unknown_device_is_nobodys_to_claim(gate: Gate):
    ana = gate.hub.profiles.welcome("Ana")
    gate.hub.profiles.register("lamp-1", "lamp")
    for device in ("lmp-000009", "lamp-1"):
        with pytest.raises(UnknownDeviceError):
            gate.claim(ana, device, CODE)


def test_a_device_that_was_reset_knows_nobody_and_can_be_claimed_again(gate: Gate):
    gate.deliveries.take(manifest(made(1)))
    ana, ben = gate.hub.profiles.welcome("Ana"), gate.hub.profiles.welcome("Ben")
    gate.claim(ana, "lmp-000001", CODE)
    gate.deliveries.reset("lmp-000001")
    assert gate.hub.profiles.device("lmp-000001")["people"] == []
    gate.claim(ben, "lmp-000001", CODE)
    assert gate.hub.profiles.device("lmp-000001")["people"][0]["name"] == "Ben"


def test_a_claim_that_a_power_cut_interrupted_can_be_made_again(gate: Gate):
    gate.deliveries.take(manifest(made(1)))
    ana = gate.hub.profiles.welcome("Ana")
    gate.hub.profiles.link(ana, "lmp-000001")  # the first of its two commits
    gate.claim(ana, "lmp-000001", CODE)
    assert len(gate.hub.profiles.device("lmp-000001")["people"]) == 1
    assert Household(gate.hub.profiles).members("lmp-000001")[0]["role"] == "owner"


def test_a_receipt_is_of_this_device_this_customer_and_this_moment(gate: Gate):
    gate.deliveries.take(manifest(made(1)))
    ana, ben = gate.hub.profiles.welcome("Ana"), gate.hub.profiles.welcome("Ben")
    asked = bytes.fromhex(gate.deliveries.challenge(ana, "lmp-000001"))
    secret = claim.secret("lmp-000001", CODE)
    right = claim.receipt(secret, pairwise_id("lmp-000001"), asked).hex()
    wrong = claim.receipt(secret, pairwise_id("lmp-000002"), asked).hex()
    for customer, receipt in ((ana, wrong), (ana, ""), (ana, "0" * 64), (ben, right)):
        with pytest.raises(InvalidError, match="receipt: that is not"):
            gate.deliveries.claim(customer, "lmp-000001", CODE, receipt)
    gate.hub.now_ms += CHALLENGE_MS
    with pytest.raises(InvalidError, match="too old"):
        gate.deliveries.claim(ana, "lmp-000001", CODE, right)
    assert gate.hub.profiles.device("lmp-000001")["people"] == []


def test_a_line_whose_key_leaked_and_a_root_that_is_gone_count_no_longer(
    gate: Gate, tmp_path: Path
):
    gate.deliveries.take(manifest(made(1)))
    makers.trust(tmp_path, issue.pem(ROOT.certificate))
    deliveries = Deliveries(
        gate.hub.store,
        gate.hub.profiles,
        lambda: NOON_MS,
        lambda: makers.trusted(tmp_path),
        lambda: makers.refused(tmp_path),
    )
    assert deliveries.lines() == [issue.pem(LINE.certificate)]
    makers.distrust(tmp_path, issue.pem(LINE.certificate))
    assert deliveries.lines() == []
    with pytest.raises(InvalidError, match="Aurora line 1, which is refused"):
        deliveries.take(manifest(made(2)))
    second = issue.new_authority("Aurora line 2", ROOT)
    assert deliveries.take(manifest(made(2), by=second))["new"] == 1
    makers.distrust(tmp_path, issue.pem(ROOT.certificate))
    assert deliveries.lines() == []
    makers.trust(tmp_path, issue.pem(ROOT.certificate))
    assert deliveries.lines() == [issue.pem(second.certificate)]


def test_codes_are_eighty_bits_that_survive_being_read_out():
    codes = {claims.new_code(os.urandom) for _ in range(1000)}
    assert len(codes) == 1000
    for code in codes:
        spoken = "-".join(code[i : i + 4] for i in range(0, 16, 4)).lower().replace("0", "o")
        assert claims.tidied(spoken.replace("1", "l")) == code
    assert claims.new_code(lambda size: b"\xff" * size) == "Z" * 16
    assert claims.new_code(bytes) == "0" * 16


def test_only_a_root_is_trusted_and_only_from_the_next_moment_on(tmp_path: Path):
    assert makers.trusted(tmp_path) == []
    with pytest.raises(InvalidError, match="no manufacturer's root"):
        makers.trust(tmp_path, issue.pem(LINE.certificate))
    with pytest.raises(InvalidError, match="no manufacturer's root"):
        makers.trust(tmp_path, b"hello")
    assert makers.trust(tmp_path, issue.pem(ROOT.certificate)) == "Aurora"
    assert makers.trusted(tmp_path) == ROOTS
    assert isinstance(makers.trusted(tmp_path)[0], x509.Certificate)
