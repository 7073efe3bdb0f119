"""What a device and its hub agree on. Pure: no I/O, clock or randomness, on both interpreters."""

VERSION = 1
