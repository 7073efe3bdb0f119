"""The time of the bench: ticks that can be skipped forward, and a wall clock nobody has set.

Sleeping delivers what the bench sends meanwhile, as interrupts would be on a board.
"""

import utime
from utime import ticks_add, ticks_cpu, ticks_diff  # noqa: F401

_EPOCH_2000_S = 946684800  # ESP32 counts from 2000, the host from 1970
_start_s = utime.time()
_skipped_ms = 0
idle = utime.sleep_ms  # called with the milliseconds to wait at most; start.py puts the wire here


def skip(ms):
    global _skipped_ms
    _skipped_ms += ms


def ticks_ms():
    return utime.ticks_ms() + _skipped_ms


def ticks_us():
    return utime.ticks_us() + _skipped_ms * 1000


def sleep_ms(ms):
    end = ticks_ms() + ms
    while ticks_ms() < end:
        idle(end - ticks_ms())


def sleep_us(us):
    utime.sleep_us(us)


def sleep(seconds):
    sleep_ms(int(seconds * 1000))


def time():
    """Seconds since power-on, as on a board whose clock was never set; skips do not count."""
    return int(utime.time() - _start_s)


def time_ns():
    return time() * 1000000000


def gmtime(seconds=None):
    return utime.gmtime((time() if seconds is None else seconds) + _EPOCH_2000_S)


localtime = gmtime


def mktime(when):
    return utime.mktime(when) - _EPOCH_2000_S
