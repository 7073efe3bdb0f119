"""When garbage is collected: a collection delays the light, without any what is kept lies apart."""

import gc

STARTING_BYTES = 4096  # collected after so many: what is kept stays together, holes stay large
RUNNING_BYTES = 8192  # later: a collection delays the light more than a hole costs


def after(what, *arguments):
    """what(*arguments), for which somebody waits: garbage is collected after it, if it can wait."""
    _collect_after(-1)
    try:
        return what(*arguments)
    finally:
        _collect_after(RUNNING_BYTES)


def _collect_after(count):
    if hasattr(gc, "threshold"):  # CPython sees to it by itself
        gc.threshold(count)
