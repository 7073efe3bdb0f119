"""Gives back the memory of modules that are needed for a while only; importing loads them again."""

import gc
import sys


def unload(*names):
    """Forget modules, and have their memory back at once."""
    forget(*names)
    gc.collect()


def forget(*names):
    """Forget modules by their full names, such as "firmware.config"; never loaded is no error."""
    for name in names:
        if name in sys.modules:
            package, _, module = name.rpartition(".")
            del sys.modules[name]
            delattr(sys.modules[package], module)
