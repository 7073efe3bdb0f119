"""What a device does with what it cannot read; tests/crash/bit_rot.py does it by the thousand."""

import os

import vfs

from firmware import flash

flash.print = lambda *words: None


class Blocks:
    """A block device in RAM, as littlefs wants it."""

    def __init__(self):
        self.data = bytearray(b"\xff" * (32 * 512))

    def readblocks(self, block, buffer, offset=0):
        buffer[:] = self.data[block * 512 + offset : block * 512 + offset + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        self.data[block * 512 + offset : block * 512 + offset + len(buffer)] = buffer

    def ioctl(self, operation, block):
        if operation == 6:
            self.data[block * 512 : block * 512 + 512] = b"\xff" * 512
        return {4: 32, 5: 512}.get(operation, 0)


def _note(folder):
    """What is in a folder's note, which gets a line more."""
    with open(folder + "/note", "a+") as file:
        file.write(".")
        file.seek(0)
        return file.read()


def _begun(device):
    try:
        return flash.begin(device, _note)
    finally:
        vfs.umount("/data")


def test_what_was_kept_is_there_again():
    device = Blocks()
    assert [_begun(device), _begun(device)] == [".", ".."]


def test_what_cannot_be_mounted_is_formatted_once():
    device = Blocks()
    _begun(device)
    device.data[: 2 * 512] = bytes(2 * 512)
    assert [_begun(device), _begun(device)] == [".", ".."]


def test_what_cannot_be_used_twice_is_formatted():
    device, tries, faults = Blocks(), [], [0]
    _begun(device)

    def make(folder):
        tries.append(os.listdir(folder))
        if len(tries) <= faults[0]:
            raise OSError(5)
        return folder

    for count, wanted in ((1, [["note"], ["note"]]), (2, [["note"], ["note"], []])):
        del tries[:]
        faults[0] = count
        assert flash.begin(device, make) == "/data"
        vfs.umount("/data")
        assert tries == wanted, tries


def test_where_nothing_can_be_formatted_another_folder_is_used():
    tries = []

    def make(folder):
        tries.append(folder)
        if len(tries) < 5:
            raise OSError(84)
        return folder

    vfs.umount("/")
    vfs.VfsLfs2.mkfs(blocks := Blocks(), readsize=32, progsize=32, lookahead=32)
    vfs.mount(vfs.VfsLfs2(blocks, readsize=32, progsize=32, lookahead=32), "/")
    try:
        assert flash.begin(None, make) == "/third"
        assert sorted(os.listdir("/")) == ["second", "third"]
    finally:
        vfs.umount("/")
        vfs.mount(vfs.VfsPosix("/"), "/")
    assert tries == ["", "", "/second", "/second", "/third"]
