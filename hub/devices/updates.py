"""Updates on their way to devices: what is offered to whom, and what came of it.

    updates.publish(content, Plan(percent=5))         # what `rapport ota sign` made
    updates.offer_next()                              # asks those who may begin

An offer is a question: a device answers with where it stands, so it can be asked again whenever it
comes back, and nothing has to be remembered of what was said. A device that has not ended is asked
at each hello. One roll-out a product is the current one; bundles and states lie in vaults of their
own, the states in many, so that a change costs the same however many devices there are.
"""

import base64
import zlib
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from hub.devices import bundles, rollout
from hub.devices.bundles import Bundle
from hub.devices.device import Device, registered
from hub.devices.outbox import Said
from hub.devices.rollout import ENDED, OFFERED, Plan
from hub.draft import Draft
from hub.errors import ConflictError, UnknownError
from hub.office import Office
from hub.store import Document
from protocol import topics
from protocol.messages import encode
from protocol.update import FAILURES, STATES, Chunk, Fetch, Progress

_VAULT, _CURRENT, _ROWS = "updates", "current", "devices"
_SHARDS = 256
_IDLE_MS = 10 * 60_000  # who is silent for so long makes room for another
_MISSING_MS = 60 * 60_000  # after its restart a device is back within seconds, or hangs
_AT_ONCE = 200  # devices looked at in one go
_SAID = {
    "rolled_back": "did not prove itself, and the version before runs again",
    "refused": "was refused",
    "failed": "could not be brought in",
}


class Updates:
    """names(): all devices that are registered. Answers are said by whoever calls."""

    def __init__(self, office: Office, names: Callable[[], list[str]]) -> None:
        self._office, self._names = office, names
        self._bundles: dict[str, Bundle] = {}
        self._active: dict[str, int] = {}  # device -> when it was heard last
        self._queue: deque[tuple[str, str]] | None = None  # (product, device) yet to be asked

    # What staff ask for

    def publish(self, content: bytes, plan: Plan) -> Document:
        """Begin to roll out a bundle. InvalidError, or ConflictError if it is not newer."""
        bundle, draft = bundles.read(content), self._office.draft()
        product, version = bundle.head.product, bundle.head.version
        self._office.product(product)
        old = draft.get(_VAULT, _CURRENT, product)
        if old and version <= old["version"]:
            raise ConflictError(f"{product} has version {old['version']}: publish a higher one.")
        begun = rollout.begun(product, version, plan, self._office.clock())
        draft.put(_VAULT, _CURRENT, product, begun)
        if old:
            draft.remove(_vault(old), "bundle", "content")
        text = base64.b64encode(content).decode()
        draft.put(_vault(begun), "bundle", "content", {"base64": text})
        draft.commit()
        self._bundles[product] = bundle
        self._queue = None
        return begun

    def go(self, product: str, **plan: Any) -> Document:
        """Go on, after a stop or to more devices. plan: what changes of the Plan."""
        draft = self._office.draft()
        current = self._current(draft, product)
        old = Plan(**{name: current[name] for name in Plan._fields})
        said: dict[str, Any] = old._replace(**plan).checked()._asdict()
        current.update(said, state="running", why="")
        draft.put(_VAULT, _CURRENT, product, current)
        draft.commit()
        self._queue = None
        return current

    def stop(self, product: str, why: str = "stopped by hand") -> Document:
        """No device begins any more, and who is fetching ends."""
        draft = self._office.draft()
        current = self._current(draft, product)
        rollout.stop(current, why)
        draft.put(_VAULT, _CURRENT, product, current)
        draft.commit()
        return current

    def rollouts(self) -> list[Document]:
        """The current ones, by product."""
        return list(self._office.store.all(_VAULT, _CURRENT).values())

    def rollout(self, product: str) -> Document:
        """One of them with devices: [{id, state, done_percent, at_ms, text}], by id."""
        current = self._current(self._office.draft(), product)
        whole = self._bundle(product).head.body_bytes
        rows = [
            {"id": name, "done_percent": min(100, row["done"] * 100 // whole)} | row
            for shard in self._office.store.vaults(f"{_vault(current)}/")
            for name, row in self._office.store.all(shard, _ROWS).items()
        ]
        return current | {"devices": sorted(rows, key=lambda row: row["id"])}

    # What devices say

    def hello(self, draft: Draft, device: Device, product: str, version: int) -> list[Said]:
        """A device came back: ask it where it stands, if that is of interest."""
        current = draft.get(_VAULT, _CURRENT, product)
        if current is None:
            return []
        row = draft.get(_shard(current, device.id), _ROWS, device.id)
        if row is None and version >= current["version"]:
            return []  # it came so from the factory
        if row and row["state"] == "done" and version < current["version"]:
            self._move(draft, device, current, "rolled_back", 0, "it was flashed, or its slot rots")
        if row and version == current["version"] and row["state"] not in ENDED:
            self._move(draft, device, current, "trial", row["done"], "")
        elif row and row["state"] in ("ready", "trial"):
            pass  # it will say what came of it, also when the roll-out has stopped
        elif (row and row["state"] in ENDED) or not self._may_begin(current, device.id):
            return []
        elif not self._has_room(current, device.id):
            if self._queue is not None:
                self._queue.append((product, device.id))
            return []
        return [self._offer(draft, device, current)]

    def progress(self, draft: Draft, device: Device, product: str, said: Progress) -> None:
        current = draft.get(_VAULT, _CURRENT, product)
        if current is None or said.version != current["version"]:
            return
        state = STATES[said.state]
        if state in FAILURES:
            text = f"Version {said.version} {_SAID[state]}{f': {said.text}' if said.text else ''}."
            device.note(self._office.clock(), text)
            device.keep()
        self._move(draft, device, current, state, said.done, said.text)

    def fetched(self, device: str, product: str, asked: Fetch) -> Chunk:
        """What a device asked for; nothing if there is no more to have."""
        current = self._office.store.get(_VAULT, _CURRENT, product)
        nothing = Chunk(asked.version, asked.at, b"")
        if not current or current["state"] != "running" or asked.version != current["version"]:
            return nothing
        self._active[device] = self._office.clock()
        return self._bundle(product).chunk(asked.at, asked.count) or nothing

    # What time brings

    def offer_next(self) -> list[Said]:
        """Ask devices that are there and may begin, as many as there is room for; one commit."""
        if self._queue is None:
            self._queue = deque(self._waiting())
        draft, offers, held = self._office.draft(), list[Said](), list[tuple[str, str]]()
        for _ in range(min(_AT_ONCE, len(self._queue))):
            product, name = self._queue.popleft()
            current = draft.get(_VAULT, _CURRENT, product)
            if not current or not self._may_begin(current, name):
                continue
            if not self._has_room(current, name):
                held.append((product, name))
                continue
            known, device = registered(draft, name), Device(draft, name)
            if known and known["product"] == product and device.state["online"]:
                offers += self.hello(draft, device, product, device.state["version"] or 0)
        self._queue.extendleft(reversed(held))
        draft.commit()
        return offers

    def look_for_missing(self) -> None:
        """Who restarted for its trial and was never heard again has failed."""
        for current in self.rollouts():
            if not current["counts"]["trial"]:
                continue
            late_ms = self._office.clock() - _MISSING_MS
            for row in self.rollout(current["product"])["devices"]:
                if row["state"] == "trial" and row["at_ms"] < late_ms:
                    self._missing(current["product"], row["id"])

    # Below: how

    def _missing(self, product: str, name: str) -> None:
        draft = self._office.draft()
        device, current = Device(draft, name), self._current(draft, product)
        self._move(draft, device, current, "failed", 0, "silent since its restart")
        device.note(self._office.clock(), f"Silent since it restarted for {current['version']}.")
        device.keep()
        draft.commit()

    def _waiting(self) -> Iterable[tuple[str, str]]:
        for current in self.rollouts():
            if current["state"] == "running":
                for name in self._names():
                    if rollout.is_meant(current, name):
                        yield current["product"], name

    def _may_begin(self, current: Document, device: str) -> bool:
        return current["state"] == "running" and rollout.is_meant(current, device)

    def _has_room(self, current: Document, device: str) -> bool:
        late_ms = self._office.clock() - _IDLE_MS
        self._active = {name: at for name, at in self._active.items() if at >= late_ms}
        return device in self._active or len(self._active) < current["at_once"]

    def _offer(self, draft: Draft, device: Device, current: Document) -> Said:
        row = draft.get(_shard(current, device.id), _ROWS, device.id)
        if row is None or row["state"] == "stopped":
            self._move(draft, device, current, OFFERED, 0, "")
        self._active[device.id] = self._office.clock()
        return device.id, topics.OFFER, encode(self._bundle(current["product"]).offer)

    def _move(
        self, draft: Draft, device: Device, current: Document, state: str, done: int, text: str
    ) -> None:
        """A device is in another state from now on."""
        place = (_shard(current, device.id), _ROWS, device.id)
        row = draft.get(*place)
        rollout.count(current, row["state"] if row else None, state)
        now_ms = self._office.clock()
        draft.put(*place, {"state": state, "done": done, "at_ms": now_ms, "text": text})
        draft.put(_VAULT, _CURRENT, current["product"], current)
        self._active[device.id] = now_ms
        if state in (*ENDED, "stopped"):
            self._active.pop(device.id, None)

    def _current(self, draft: Draft, product: str) -> Document:
        current = draft.get(_VAULT, _CURRENT, product)
        if current is None:
            raise UnknownError(f"There is no update of {product[:40]!r}.")
        return current

    def _bundle(self, product: str) -> Bundle:
        if product not in self._bundles:
            current = self._current(self._office.draft(), product)
            kept = self._office.store.get(_vault(current), "bundle", "content")
            assert kept
            self._bundles[product] = bundles.read(base64.b64decode(kept["base64"]))
        return self._bundles[product]


def _vault(current: Document) -> str:
    return f"updates/{current['product']}-{current['version']}"


def _shard(current: Document, device: str) -> str:
    return f"{_vault(current)}/{zlib.crc32(device.encode()) % _SHARDS:02x}"
