"""Which errors are for the person at the terminal, to be told in a sentence."""


def known() -> tuple[type[Exception], ...]:
    """Imported late: `rapport --help` must not wait for all of it."""
    from hub.link.broker import BrokerError
    from hub.products import ProductFileError
    from hub.store import StoreError
    from protocol.errors import ProtocolError
    from tools.measure.result import MeasureError
    from tools.replay.panel import PanelError

    return BrokerError, ProductFileError, StoreError, ProtocolError, MeasureError, PanelError
