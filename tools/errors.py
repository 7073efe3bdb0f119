"""Which errors are for the person at the terminal, to be told in a sentence."""


def is_known(error: Exception) -> bool:
    """True for what a person can mend. Imported late: `rapport --help` must not wait for it."""
    from pydantic import ValidationError

    from hub.errors import AskedError
    from hub.link.broker import BrokerError
    from hub.neighbours.homes import HomeFileError
    from hub.products import ProductFileError
    from hub.relation.hooks import HookFileError
    from hub.store import StoreError
    from protocol.errors import ProtocolError
    from tools.asking import HubError
    from tools.bench.board import BoardError
    from tools.companion import CompanionError
    from tools.factory.errors import FactoryError
    from tools.measure.result import MeasureError
    from tools.replay.panel import PanelError

    return isinstance(
        error,
        AskedError
        | BoardError
        | BrokerError
        | CompanionError
        | FactoryError
        | HomeFileError
        | HookFileError
        | HubError
        | MeasureError
        | OSError
        | PanelError
        | ProductFileError
        | ProtocolError
        | StoreError
        | ValidationError,
    )
