"""Runs on MicroPython: which slot is entered after what, and after a power cut at any write."""

import json
import os
import sys
from binascii import hexlify
from hashlib import sha256

import vfs

from firmware import slots

BLOCK_BYTES, BLOCKS = 512, 24
STEADY = {"good": "a", "trial": None, "left": 0}
ON_TRIAL = {"good": "a", "trial": "b", "left": 2}


class Flash:
    """A block device in RAM; its power goes in the middle of the write that `left` counts to."""

    def __init__(self, data=None):
        self.data = data or bytearray(b"\xff" * (BLOCKS * BLOCK_BYTES))
        self.left = 1 << 20

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK_BYTES + offset
        buffer[:] = self.data[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        self._put(block * BLOCK_BYTES + offset, buffer)

    def ioctl(self, request, block):
        if request == 4:
            return BLOCKS
        if request == 5:
            return BLOCK_BYTES
        if request == 6:
            self._put(block * BLOCK_BYTES, b"\xff" * BLOCK_BYTES)
        return 0

    def _put(self, at, new):
        self.left -= 1
        if self.left == 0:
            self.data[at : at + len(new) // 2] = new[: len(new) // 2]
        if self.left <= 0:
            raise OSError(5)
        self.data[at : at + len(new)] = new


class Board:
    """A board with two slots; in a `with` its file system is the root, as it is on a device."""

    def __init__(self, state, data=None):
        self.flash = Flash(data)
        if data is None:
            vfs.VfsLfs2.mkfs(self.flash)
            with self:
                for slot in "ab":
                    fill(slot)
                put("/slots.json", state if isinstance(state, bytes) else json.dumps(state))

    def __enter__(self):
        vfs.umount("/")
        vfs.mount(vfs.VfsLfs2(self.flash), "/")
        os.chdir("/")
        return self

    def __exit__(self, *_):
        vfs.umount("/")
        vfs.mount(HOST, "/")

    def starts(self, times):
        """The slots that so many starts after each other enter."""
        with self:
            entered = ""
            for _ in range(times):
                entered += slots.enter()[1:]
                assert os.getcwd() == "/" + entered[-1]
            return entered


HOST = vfs.VfsPosix(os.getcwd())


def put(path, content):
    with open(path, "wb") as file:
        file.write(content)


def fill(slot):
    content = b"application in " + slot.encode()
    os.mkdir("/" + slot)
    put("/" + slot + "/main.py", content)
    digest = hexlify(sha256(content).digest()).decode()
    put("/" + slot + "/files.txt", digest + " 16 main.py\n")


def test_a_board_from_the_factory_runs_its_one_slot_and_writes_nothing():
    board = Board(STEADY)
    before = bytes(board.flash.data)
    assert board.starts(3) == "aaa"
    assert bytes(board.flash.data) == before


def test_a_trial_that_proves_itself_stays():
    board = Board(ON_TRIAL)
    assert board.starts(1) == "b"
    with board:
        slots.keep()
    assert board.starts(5) == "bbbbb"


def test_a_trial_that_does_not_is_rolled_back():
    assert Board(ON_TRIAL).starts(5) == "bbaaa"


def test_a_trial_that_is_not_whole_is_never_run():
    for damage in (b"application in c", b""):
        board = Board(ON_TRIAL)
        with board:
            put("/b/main.py", damage)
        assert board.starts(2) == "aa"
    board = Board(ON_TRIAL)
    with board:
        os.remove("/b/main.py")
    assert board.starts(2) == "aa"


def test_what_failed_is_named_and_never_run_again():
    board = Board(ON_TRIAL)
    assert board.starts(3) == "bba"
    with board:
        assert slots.load() == {"good": "a", "trial": None, "left": 0, "failed": "b"}
        put("/a/main.py", b"rot")
    assert board.starts(2) == "aa"


def test_a_slot_that_rots_gives_way_to_the_one_before():
    board = Board(STEADY)
    with board:
        put("/a/main.py", b"rot")
    assert board.starts(2) == "bb"
    with board:
        put("/b/main.py", b"rot too")
    assert board.starts(2) == "aa"


class Chip:
    """What a board's own module `machine` has."""

    def __init__(self):
        self.armed = []

    def WDT(self, timeout):  # noqa: N802
        self.armed.append(timeout)


def test_only_a_trial_is_watched():
    chip = sys.modules["machine"] = Chip()
    try:
        assert Board(ON_TRIAL).starts(3) == "bba"
    finally:
        del sys.modules["machine"]
    assert chip.armed == [slots.WATCHDOG_MS] * 2


def test_without_a_readable_state_the_slot_that_is_whole_runs():
    for state in (b"", b"{", b"[1]", b'{"good": "a"}', b"\xff\xfe"):
        assert Board(state).starts(2) == "aa", state
        board = Board(state)
        with board:
            put("/a/main.py", b"rot")
        assert board.starts(2) == "bb", state


def test_a_power_cut_at_any_write_leaves_a_slot_to_run():
    for act in (slots.enter, slots.keep):
        cuts = 0
        while cut_at(cuts + 1, act):
            cuts += 1
        assert cuts > 2, cuts


def cut_at(write, act):
    """Cut the power at this write of an act; False if it needs no such write."""
    board = Board(ON_TRIAL)
    board.flash.left = write
    with board:
        try:  # noqa: SIM105  MicroPython has no contextlib
            act()
        except OSError:
            pass
    if board.flash.left > 0:
        return False
    board.flash.left = 1 << 20
    entered = Board(None, board.flash.data).starts(4)
    assert entered in ("bbaa", "baaa", "bbbb"), entered
    return True
