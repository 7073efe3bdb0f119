"""What to try, and what of it was done: ticks come from what really happened."""

from typing import Any

from tools.bench import console

_HINTS = {
    "near": "Drag Ana to a lamp",
    "hand": "Turn the lamp's knob",
    "back": "Drag her out, wait, and back in",
    "other_person": "Let Ben come",
    "other_lamp": "Take her to the other lamp",
    "plug": "Pull a plug, and put it back",
}


class Hints:
    def __init__(self) -> None:
        self._done: set[str] = set()
        self._left: set[str] = set()
        self._turned_by: dict[str, set[str]] = {}  # who -> lamps whose knob they turned

    def shown(self) -> list[dict[str, Any]]:
        return [{"text": text, "done": name in self._done} for name, text in _HINTS.items()]

    def saw(self, device: str, who: str, how: str) -> None:
        """A device noticed somebody it knows."""
        if how == console.AWAY:
            self._left.add(who)
            return
        if who == "Ana" and device.startswith("lamp"):
            self._done.add("near")
            if self._turned_by.get(who, set()) - {device}:
                self._done.add("other_lamp")
        if who in self._left:
            self._done.add("back")
        if who == "Ben":
            self._done.add("other_person")

    def turned(self, device: str, who: str | None) -> None:
        """A hand turned a knob; who: whom the device believes to be there."""
        self._done.add("hand")
        if who:
            self._turned_by.setdefault(who, set()).add(device)

    def powered(self) -> None:
        """A plug was put back."""
        self._done.add("plug")
