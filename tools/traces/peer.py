"""How presence tools decide: who was heard nearest, smoothed. The rule beside ours.

The smoothing is Bermuda's (github.com/agittins/bermuda, bermuda_advert.py): distance by the log
path-loss model, the mean over the newest 20 of the running minimum going back in time, the raw
value where it is nearer; nothing heard for 30 s is away. Bermuda asks it for many receivers and one
carrier, this for many carriers and one receiver. ESPresense differs in the filter only.
"""

_LEVEL_1M_DBM = -59
_EXPONENT = 2.2
_SAMPLES = 20
_NEAR_M = 3.2  # the same -70 dBm at which ours takes somebody to be near
_GONE_MS = 30_000


class NearestSmoothed:
    def __init__(self) -> None:
        self._distances: dict[str, list[float]] = {}  # newest first
        self._heard_ms: dict[str, int] = {}

    def heard(self, who: str, rssi_dBm: int, now_ms: int) -> None:
        raw_m = 10 ** ((_LEVEL_1M_DBM - rssi_dBm) / (10 * _EXPONENT))
        if now_ms - self._heard_ms.get(who, now_ms) > _GONE_MS:
            del self._distances[who]
        self._distances[who] = [raw_m, *self._distances.get(who, [])][:_SAMPLES]
        self._heard_ms[who] = now_ms

    def present(self, now_ms: int) -> str | None:
        near = [
            (self._smoothed_m(who), who)
            for who, at_ms in self._heard_ms.items()
            if now_ms - at_ms <= _GONE_MS
        ]
        return min(near)[1] if near and min(near)[0] <= _NEAR_M else None

    def _smoothed_m(self, who: str) -> float:
        total_m, least_m = 0.0, self._distances[who][0]
        for metres in self._distances[who]:
            least_m = min(least_m, metres)
            total_m += least_m
        return min(total_m / len(self._distances[who]), self._distances[who][0])
