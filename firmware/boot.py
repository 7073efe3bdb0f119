# Runs first after every reset: goes to the slot that the application is in.
import sys

import slots

slots.enter()
del slots, sys.modules["slots"]
