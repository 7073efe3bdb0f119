"""Runs on MicroPython: the first start formats the partition `data`, and the plug may be pulled."""

import os

import vfs

from firmware import flash
from tests.firmware.device_slots import Flash

UNCUT = 1 << 20


def begin(device):
    """A start that keeps something; OSError if the power goes meanwhile."""
    try:
        return flash.begin(device, keep)
    finally:
        try:  # noqa: SIM105
            vfs.umount("/data")
        except OSError:
            pass  # it was not mounted yet


def keep(folder):
    with open(folder + "/kept.new", "wb") as file:
        file.write(b"kept")
    os.rename(folder + "/kept.new", folder + "/kept")
    with open(folder + "/kept", "rb") as file:
        return file.read()


def test_a_power_cut_at_any_write_of_the_first_start_is_mended_by_the_next():
    write, whole = 0, False
    while not whole:
        write += 1
        device = Flash()
        device.left = write
        try:
            begin(device)
            whole = True
        except OSError:
            pass
        device.left = UNCUT
        assert begin(Flash(device.data)) == b"kept", write
    assert write > 5, write
