"""A three-way merge against what both last agreed on; where both changed, the cloud's stands.

After AWS IoT Greengrass, "Handle shadow document conflicts": the shadow manager merges local and
cloud changes since the last sync, and "if both changed the same property, the cloud's is used".
"""


class ThreeWay:
    def __init__(self, agreed: int) -> None:
        self._base = self._device = self._cloud = agreed

    def at_device(self, value: int, clock_ms: int) -> None:
        self._device = value

    def from_afar(self, value: int, clock_ms: int) -> None:
        self._cloud = value

    def meet(self) -> int:
        merged = self._device if self._cloud == self._base else self._cloud
        self._base = self._device = self._cloud = merged
        return merged
