"""Runs on MicroPython: whose half of the flash is run, on a board that runs code where it lies."""

import json
import os
import sys
from binascii import hexlify
from hashlib import sha256

import vfs

from firmware import slots
from tests.firmware.device_slots import HOST, ON_TRIAL, STEADY, Flash, put
from tools.bench.device.mapped import Mapped

HALF_BYTES = 4096
FILES, ROM = Flash().data, bytearray(2 * HALF_BYTES)  # of the one board that there is at a time


class Board:
    """Two slots, each with its own code; in a `with` it is what is imported from."""

    def __init__(self, state):
        self.files, self.rom = Flash(FILES), ROM
        vfs.VfsLfs2.mkfs(self.files)
        with self:
            put("/slots.json", json.dumps(state))
            for slot, start in (("a", 0), ("b", HALF_BYTES)):
                code = image(b"SLOT = '" + slot.encode() + b"'")
                self.rom[start : start + len(code)] = code
                os.mkdir("/" + slot)
                digest = hexlify(sha256(code).digest()).decode()
                put("/" + slot + "/files.txt", digest + " " + str(len(code)) + " app.rom\n")

    def __enter__(self):
        vfs.umount("/")
        vfs.mount(vfs.VfsLfs2(self.files), "/")
        sys.modules["vfs"] = Mapped(self.rom)
        os.chdir("/")

    def __exit__(self, *_):
        del sys.modules["vfs"]
        vfs.umount("/")
        vfs.mount(HOST, "/")

    def runs(self, times=1):
        """Whose code so many starts after each other run."""
        ran = ""
        for _ in range(times):
            path = list(sys.path)
            with self:
                as_micropython_does(self.rom)
                slots.enter()
                import where

                vfs.umount("/rom")
            ran += where.SLOT
            del sys.modules["where"]
            sys.path[:] = path
        return ran


def image(code):
    """A ROMFS image with one module, where.py."""
    file = record(5, b"\x08where.py" + record(2, code))
    return b"\xd2\xcd\x31" + bytes([len(file)]) + file


def record(kind, content):
    return bytes([kind, len(content)]) + content


def as_micropython_does(rom):
    """What begins there is mounted before anything of ours runs."""
    try:  # noqa: SIM105  MicroPython has no contextlib
        vfs.mount(vfs.VfsRom(rom), "/rom")
    except OSError:
        pass


def test_the_code_of_the_good_slot_runs():
    assert Board(STEADY).runs(3) == "aaa"
    assert Board({"good": "b", "trial": None, "left": 0}).runs(3) == "bbb"


def test_a_trial_runs_its_own_code_and_is_rolled_back():
    assert Board(ON_TRIAL).runs(4) == "bbaa"


def runs_after_rot(state, at):
    board = Board(state)
    board.rom[at] ^= 1
    return board.runs(3)


def test_a_half_that_rots_gives_way_to_the_other():
    for at in (0, 20):  # what says that there is an image, and what is in it
        assert runs_after_rot(STEADY, at) == "bbb"
        assert runs_after_rot(ON_TRIAL, HALF_BYTES + at) == "aaa"


def test_a_partition_too_short_for_what_is_listed_is_not_whole():
    board = Board(STEADY)
    with board:
        put("/a/files.txt", "00 99999 app.rom\n")
    assert board.runs(2) == "bb"


def test_a_list_with_such_code_is_nothing_for_another_board():
    with Board(STEADY):
        sys.modules["vfs"] = vfs
        assert slots.half("a") is None and not slots.whole("/a")
