"""How a runtime keeps what must outlive a power cut: the journal first, then memory.

So memory never knows what the hub will never hear. What it lacks after a power cut the journal has;
it is taken in at the next start (firmware/retake.py).
"""

from firmware.effects import Apply, Keep, Move, Offer, Record, Reserve, Total
from firmware.unload import unload
from protocol import cbor

_ROTTEN = 84  # EILSEQ: so littlefs calls what will never be right again
_MARK = "rotten"


class Keeper:
    """Carries out effects for a Runtime, with its journal, memory, people, sync and driver.

    `unkept` counts the effects that flash did not take.
    """

    def __init__(self, act):
        self._act = act
        self._unflushed = False
        self.unkept = 0

    def do(self, effects):
        """Carry out what the companion answered; memory only once the journal has it."""
        keeps = []
        for effect in effects:
            if isinstance(effect, Keep):
                keeps.append(effect)
            else:
                self.attempt(self._carry_out, effect)
        if self._unflushed:
            self._unflushed = False
            self.attempt(self._flush)
        for effect in keeps:
            self.attempt(self._act.people.keep, *effect)

    def _flush(self):
        self._act.journal.flush()
        self.save("tip", self._tip())
        self._act.sync.passed(self._act.uptime_ms())

    def attempt(self, what, *arguments):
        try:
            what(*arguments)
        except OSError as error:
            self.not_kept(error)

    def not_kept(self, error):
        """Flash is full or worn: what hands do still works, and is forgotten with the power."""
        self.unkept += 1
        if self.unkept == 1:
            print("runtime: not kept:", repr(error))
        if error.errno == _ROTTEN:
            from machine import reset

            self.save(_MARK, ())
            reset()  # to begin anew, see firmware/flash.py

    def check(self):
        if _MARK in self._act.memory.names():
            raise OSError(_ROTTEN)

    def _carry_out(self, effect):
        if isinstance(effect, Apply):
            self._act.apply(effect.codes)
        elif isinstance(effect, Record):
            self._act.journal.append(effect.payload)
            self._unflushed = True
        elif isinstance(effect, Reserve):
            self.save("clock", (effect.wall_ms,))
            least_ms = self._act.walltime.least_ms(self._act.uptime_ms())
            self.save("time", (least_ms, self._act.walltime.offset_minutes))
        elif isinstance(effect, Move):
            self._move(effect.payload)
        elif isinstance(effect, Total):
            self.save("totals", effect.totals)
        elif isinstance(effect, Offer) and hasattr(self._act.driver, "offer"):
            self._act.driver.offer(effect.index, effect.code)

    def _move(self, payload):
        from firmware import anchor

        anchor.move(self._act, payload)
        unload("firmware.anchor", "protocol.anchor")

    def retake(self):
        """What a power cut left undone."""
        from firmware import retake

        retake.retake(
            self._act.journal, self._act.people, self._act.device, self._act.product.settings
        )
        if "anchor" in self._act.memory.names():
            self._move(None)
        unload("firmware.retake")

    def recall(self):
        """Rotten flash may quietly be older than it was: then a new stream says so to the hub."""
        stream, number, chain = self.load("tip", self._tip())
        if stream == self._act.journal.stream and self._act.journal.chain_at(number) != chain:
            self._act.journal.welcome(number, chain)

    def own(self, key):
        """The device's own key, as its hub says it: with another one its bulletins begin anew."""
        if self.load("own", (b"", 0))[0] != key:
            self.save("own", (key, 0))

    def _tip(self):
        return self._act.journal.stream, self._act.journal.next - 1, self._act.journal.chain

    def load(self, name, otherwise) -> tuple:
        data = self._act.memory.load(name)
        return otherwise if data is None else tuple(cbor.load_list(data, 0))

    def save(self, name, values):
        self._act.memory.save(name, cbor.dumps(list(values)))
