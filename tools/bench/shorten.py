"""Makes private names short before compiling: a board keeps every name it runs in its heap.

`_settings_of_the_lamp` costs 31 bytes of RAM on a board as the name alone, and is nobody's
business but its module's. Names that begin with one underscore become `_0`, `_1`, ... in the order
they appear in a module, the same numbers in every module, so that all modules share the same few.
Names in strings, dunder names and public names stay.

Private names must therefore not be used across modules; a test makes sure of it.
"""

import io
import re
import tokenize

_PRIVATE = re.compile(r"_[A-Za-z0-9]\w*$")


def shorten(source: str) -> str:
    """The same module with short private names; line numbers stay."""
    short: dict[str, str] = {}
    tokens = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and _PRIVATE.match(token.string):
            name = short.setdefault(token.string, f"_{len(short)}")
            tokens.append((token.type, name))
        else:
            tokens.append((token.type, token.string))
    return tokenize.untokenize(tokens)
