"""A burst, and a power cut at any operation on the disk and any byte of it: what was acknowledged
counts once. SEED=... runs the same images again.
"""

import os
import shutil
from pathlib import Path
from random import Random

import pytest

from hub.devices.device import Device
from hub.draft import Draft
from hub.intake import Intake
from hub.link import Message
from hub.past.record import known
from hub.people.customer import Customer
from hub.store.tiny import TinyStore
from protocol import messages, topics
from tests.conftest import many
from tests.crash.store_disk import Image, Recorder
from tests.crash.test_store_images import SEED, cuts
from tests.hub.living import LAMP, Hub, Unit, subject_of

BURSTS, VISITS = 6, 20


class Home:
    """Ana and her lamp at a hub that takes everything by its inbox, five messages at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.hub = Hub(TinyStore(folder / "store", log_bytes=20_000))
        self.lamp: Unit = self.hub.lamp()
        self.ana = self.hub.profiles.welcome("Ana")
        self.hub.profiles.link(self.ana, "lamp-1")
        self.lamp.hello()
        self.lamp.listen()
        self.subject = subject_of(self.hub, self.ana)
        self.upto = 0
        self._start()

    def burst(self) -> None:
        """Visits are told and acknowledged; some of them are folded."""
        first = len(self.lamp.records) + 1
        for _ in range(VISITS):
            self.lamp.use(self.subject, 60)
        self._intake.heard([self.lamp.batch(at, 1) for at in range(first, first + VISITS)])
        while self._intake.waiting > VISITS // 2:
            self._intake._fold()

    def restart(self) -> None:
        self.hub.store.close()
        self.hub.store = TinyStore(self._folder / "store", log_bytes=20_000)
        self.hub.start()
        self._start()

    def end(self) -> None:
        self._intake.settle()
        self.hub.store.close()

    def _start(self) -> None:
        self._intake = Intake(self.hub.ingest, self.hub.store, self.hub.products, self._told)

    def _told(self, device: str, kind: str, payload: bytes) -> None:
        if kind == topics.ACK:
            said = messages.decode(kind, payload)
            assert isinstance(said, messages.Ack)
            self.upto = said.upto


@pytest.mark.timeout(3600)
def test_what_was_acknowledged_counts_once_wherever_the_power_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("hub.intake.STRAIGHT", 0)
    monkeypatch.setattr("hub.intake.AT_ONCE", 5)
    monkeypatch.setattr("hub.store.inbox._TURN_BYTES", 4_000)
    random, root = Random(SEED), tmp_path / "disk"
    root.mkdir()
    recorder = Recorder(root)
    with recorder.recording():
        home = Home(root)
        recorder.mark(0)
        for number in range(BURSTS):
            home.burst()
            recorder.mark(home.upto)
            if number == BURSTS // 2:
                home.restart()
        home.end()
    begun = next(at for at, op in enumerate(recorder.ops) if op.what == "mark")
    points = [point for point in cuts(recorder.ops) if point[0] > begun]
    chosen = sorted(
        random.choices(points, k=many(300)), key=lambda point: (point[0], point[1] or 0)
    )
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # quick: nobody pulls this plug
    image, at, acked = Image(), 0, 0
    for cut, size in chosen:
        for op in recorder.ops[at:cut]:
            image.take(op)
            acked = op.where if op.what == "mark" else acked
        at = cut
        op = recorder.ops[cut]
        image.build(
            tmp_path / "image",
            random,
            None if size is None else op._replace(content=op.content[:size]),
        )
        told = f"SEED={SEED}, operation {cut} of {len(recorder.ops)}, byte {size}"
        upto, visits = after_the_cut(tmp_path / "image", home.ana)
        assert acked <= upto <= acked + VISITS, told
        assert visits == upto, told
        shutil.rmtree(tmp_path / "image")


def after_the_cut(folder: Path, customer: str) -> tuple[int, int]:
    """How far the lamp's journal is known then, and how many visits count."""
    hub = Hub(TinyStore(folder / "store"))
    told: list[Message] = []
    intake = Intake(hub.ingest, hub.store, hub.products, lambda *said: told.append(Message(*said)))
    intake.settle()
    draft = Draft(hub.store)
    found = Device(draft, "lamp-1").state["upto"], known(Customer(draft, customer), LAMP).visits
    hub.store.close()
    return found
