"""The one error that reading from outside can raise."""


class ProtocolError(ValueError):
    """A value, message or definition breaks the protocol; the text says what and where."""
