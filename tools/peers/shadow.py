"""Device shadows: desired and reported state, and the delta between them.

After AWS IoT Device Shadow, "Simulating device shadow communications": an app writes `desired`; a
device that comes back is given the delta, makes it so and reports it. What somebody set at the
device meanwhile is only `reported`, and `desired` overrules it.
"""


class Shadow:
    def __init__(self, agreed: int) -> None:
        self._desired: int | None = None  # a device clears it when it has complied
        self._reported = self._device = agreed

    def at_device(self, value: int, clock_ms: int) -> None:
        self._device = value

    def from_afar(self, value: int, clock_ms: int) -> None:
        self._desired = value

    def meet(self) -> int:
        self._reported = self._device
        delta = self._desired if self._desired != self._reported else None
        if delta is not None:
            self._device = self._reported = delta
        self._desired = None
        return self._device
