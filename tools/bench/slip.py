"""Frames on a serial line (RFC 1055): an end byte on both sides, and escapes for it inside."""

_END, _ESCAPE = b"\xc0", b"\xdb"
_ESCAPED_END, _ESCAPED_ESCAPE = b"\xdb\xdc", b"\xdb\xdd"
_LONGEST = 1 << 17  # bytes of a frame; what is longer is noise


def framed(content: bytes) -> bytes:
    inner = content.replace(_ESCAPE, _ESCAPED_ESCAPE).replace(_END, _ESCAPED_END)
    return _END + inner + _END


class Frames:
    """Whole frames out of bytes as they come."""

    def __init__(self) -> None:
        self._begun = b""

    def feed(self, data: bytes) -> list[bytes]:
        *ended, self._begun = (self._begun + data).split(_END)
        self._begun = self._begun[-_LONGEST:]
        return [
            frame.replace(_ESCAPED_END, _END).replace(_ESCAPED_ESCAPE, _ESCAPE)
            for frame in ended
            if frame
        ]
