import os

from firmware.memory import Memory
from tests.both.folder import Folder, read, write


def test_what_was_saved_is_loaded_also_by_the_next_boot():
    with Folder() as folder:
        Memory(folder + "/memory").save("7f3a", b"warm")
        memory = Memory(folder + "/memory")
        assert memory.load("7f3a") == b"warm"
        memory.save("7f3a", b"cold")
        assert Memory(folder + "/memory").load("7f3a") == b"cold"


def test_an_empty_value_is_a_value():
    with Folder() as folder:
        memory = Memory(folder)
        memory.save("nothing", b"")
        assert memory.load("nothing") == b""
        assert memory.load("never") is None
        assert memory.damaged == 0


def test_names_are_sorted_and_forgotten_ones_are_gone():
    with Folder() as folder:
        memory = Memory(folder)
        for name in ("c", "a", "b"):
            memory.save(name, b"x")
        memory.forget("b")
        memory.forget("b")
        assert memory.names() == ["a", "c"]
        assert memory.load("b") is None


def test_any_damaged_byte_and_any_cut_makes_the_value_unknown_and_is_counted():
    with Folder() as folder:
        memory = Memory(folder)
        memory.save("v", b"a value")
        path = folder + "/v"
        good = read(path)
        bad = [good[:at] for at in range(len(good))]
        for at in range(len(good)):
            bad.append(good[:at] + bytes([good[at] ^ 0x10]) + good[at + 1 :])
        for data in bad:
            write(path, data)
            assert memory.load("v") is None, data
        assert memory.damaged == len(bad)
        write(path, good)
        assert memory.load("v") == b"a value"


def test_an_unfinished_save_is_removed_at_the_start_and_the_old_value_stays():
    with Folder() as folder:
        Memory(folder).save("v", b"old")
        write(folder + "/v.new", b"half of the n")
        memory = Memory(folder)
        assert memory.load("v") == b"old"
        assert memory.names() == ["v"]
        assert os.listdir(folder) == ["v"]


def test_a_name_that_could_leave_the_folder_is_refused():
    with Folder() as folder:
        memory = Memory(folder)
        for name in ("", "..", "a/b", "a.new", "A", "x" * 33, "a\x00"):
            for act in (memory.load, memory.forget, lambda name: memory.save(name, b"")):
                try:
                    act(name)
                except ValueError:
                    continue
                raise AssertionError("%r was taken" % name)
