"""What can be wrong with a factory's folders and orders."""


class FactoryError(Exception):
    """It cannot be done so; the text says why, and what to do."""
