"""A product that is nothing but knobs: what a panel of recorded choices is replayed on."""

FIRST_PIN = 100  # knob n has the pins FIRST_PIN + 2 n and the one after, as driver.py says too
