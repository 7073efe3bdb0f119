"""What can be wrong with what is asked of the hub; each text is a sentence for whoever asked."""


class AskedError(Exception):
    """What was asked cannot be done; nothing has changed."""


class UnknownError(AskedError):
    """There is no such thing."""


class UnknownCustomerError(UnknownError):
    def __init__(self, customer: str) -> None:
        super().__init__(f"There is no customer {customer[:40]!r}.")


class UnknownDeviceError(UnknownError):
    def __init__(self, device: str) -> None:
        super().__init__(f"There is no device {device[:40]!r}; register it first.")


class UnknownProductError(UnknownError):
    def __init__(self, product: str, known: list[str]) -> None:
        super().__init__(f"There is no product {product[:40]!r}; known: {', '.join(known)}.")


class UnknownLineError(UnknownError):
    def __init__(self, line: int) -> None:
        super().__init__(f"There is no line {line} in this timeline.")


class UnknownWishError(UnknownError):
    def __init__(self, number: int) -> None:
        super().__init__(f"There is no wish {number} of this customer.")


class ConflictError(AskedError):
    """It does not fit what stands."""


class GoneError(ConflictError):
    """It is kept only as a sum, and can neither be undone nor replayed."""


class AlreadyLinkedError(ConflictError):
    def __init__(self, name: str, device: str) -> None:
        super().__init__(f"{device} knows {name} already.")


class DeviceFullError(ConflictError):
    def __init__(self, device: str, most: int) -> None:
        super().__init__(f"{device} knows {most} people, and has no room for another.")


class ChangedSinceError(ConflictError):
    """A wish was based on something that no longer stands."""


class InvalidError(AskedError):
    """A value is not one that can be taken; `field` names it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
