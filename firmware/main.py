# What a slot runs: the product named in its identity, for ever.
from firmware.start import start

start()
