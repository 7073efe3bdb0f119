"""The later wall clock stands: last writer wins, as Cassandra and many sync services have it.

Right when all clocks are. A board without a clock battery starts in 1970 or 2000 after a power cut;
one that was never told the time zone is hours off.
"""


class WallClock:
    def __init__(self, agreed: int) -> None:
        self._stands = (-1, agreed)

    def at_device(self, value: int, clock_ms: int) -> None:
        self._write(value, clock_ms)

    def from_afar(self, value: int, clock_ms: int) -> None:
        self._write(value, clock_ms)

    def meet(self) -> int:
        return self._stands[1]

    def _write(self, value: int, clock_ms: int) -> None:
        if clock_ms >= self._stands[0]:
            self._stands = (clock_ms, value)
