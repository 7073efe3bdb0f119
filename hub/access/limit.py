"""How often somebody may try: so many times within so long, each by name; then they wait.

tries = Limit(5, 60_000, clock)
tries.wait_s("sam") or tries.count("sam")
"""

from collections.abc import Callable

_MOST_NAMES = 1000  # the one that tried longest ago is forgotten early


class Limit:
    def __init__(self, most: int, within_ms: int, clock: Callable[[], int]) -> None:
        self._most, self._within_ms, self._clock = most, within_ms, clock
        self._times: dict[str, list[int]] = {}

    def count(self, name: str) -> None:
        """They tried now."""
        times = [*self._recent(name), self._clock()]
        self._times.pop(name, None)
        self._times[name] = times
        while len(self._times) > _MOST_NAMES:
            del self._times[next(iter(self._times))]

    def wait_s(self, name: str) -> int:
        """Seconds until they may try again; 0 if they may now."""
        times = self._recent(name)
        if len(times) < self._most:
            return 0
        return max((times[-self._most] + self._within_ms - self._clock()) // 1000, 1)

    def forgive(self, name: str) -> None:
        self._times.pop(name, None)

    def _recent(self, name: str) -> list[int]:
        since_ms = self._clock() - self._within_ms
        times = self._times.get(name, [])[-self._most :]
        return [at_ms for at_ms in times if at_ms > since_ms]
