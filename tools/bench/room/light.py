"""What a lamp's outputs look like: five PWM duties as a colour on a screen."""

from collections.abc import Mapping

_FULL = 65535
_WARM, _COOL = (255, 166, 87), (221, 232, 255)  # 2200 K and 6500 K as a screen shows them
_WARM_PIN, _COOL_PIN, _COLOUR_PINS = 12, 13, (14, 15, 16)


def light(pwm: Mapping[int, int]) -> dict[str, object]:
    """{"colour": "#rrggbb" at full strength, "level": 0 to 1} for duties by pin."""
    warm, cool = pwm.get(_WARM_PIN, 0), pwm.get(_COOL_PIN, 0)
    colours = [pwm.get(pin, 0) for pin in _COLOUR_PINS]
    mixed = [warm * _WARM[at] / 255 + cool * _COOL[at] / 255 + 2 * colours[at] for at in range(3)]
    brightest = max(mixed)
    if not brightest:
        return {"colour": "#000000", "level": 0.0}
    shown = [round(255 * part / brightest) for part in mixed]
    return {"colour": "#{:02x}{:02x}{:02x}".format(*shown), "level": (warm + cool) / _FULL}
