"""The last message to arrive stands: what a server does that keeps the newest value it was sent.

After ThingsBoard's shared attributes and most home-made twins: no stamp is compared. A device sends
what it has when it is back, after everything that was written while it was away.
"""


class Arrival:
    def __init__(self, agreed: int) -> None:
        self._server = agreed
        self._unsent: list[int] = []

    def at_device(self, value: int, clock_ms: int) -> None:
        self._unsent.append(value)

    def from_afar(self, value: int, clock_ms: int) -> None:
        self._server = value

    def meet(self) -> int:
        for value in self._unsent:
            self._server = value
        self._unsent.clear()
        return self._server
