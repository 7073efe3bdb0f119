"""Open files: each device is a connection, in a process of ours and in the broker."""

import resource

from tools.measure.result import MeasureError

_OTHERS = 500  # files that hub and broker have open besides


class LimitError(MeasureError):
    """This machine does not let a process have so many connections; the text says what to do."""


def allow(devices: int) -> None:
    """Raise the soft limit of open files as far as `devices` need, for our children too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft_limit(devices, soft, hard), hard))


def soft_limit(devices: int, soft: int, hard: int) -> int:
    """What the soft limit has to be; LimitError where the hard one is too low."""
    wanted = devices + _OTHERS
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise LimitError(
            f"{devices} devices need {wanted} open files in the broker, and the hard limit here"
            f" is {hard}: raise it (ulimit -Hn, LimitNOFILE=) or take fewer devices"
        )
    return wanted
