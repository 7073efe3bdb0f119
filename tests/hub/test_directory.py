"""How people and devices are listed and found, and that it stays right whatever is committed."""

from pathlib import Path
from random import Random

from hub.people.directory import CUSTOMER, DEVICE, FORGOTTEN, Directory, move_in, place
from hub.people.listing import Listing
from hub.store import Put
from hub.store.memory import MemoryStore
from hub.store.tiny import TinyStore


def person(name: str, email: str | None = None, *devices: str) -> dict:
    return {"name": name, "email": email, "since_ms": 0, "devices": list(devices)}


def test_a_listing_finds_what_a_look_through_all_lines_finds_after_any_changes():
    random, listing, model = Random(3), Listing(), set()
    for _ in range(4000):
        line = "".join(random.choice("abc\n") for _ in range(random.randint(0, 7)))
        if random.random() < 0.7:
            listing.add(line)
            model.add(line)
        else:
            listing.remove(line)
            model.discard(line)
    assert list(listing) == sorted(model) == list(Listing(model))
    assert len(listing._pages) > 1
    for part in ("", "a", "ab", "a\nb", "cab", "zz"):
        for most in (1, 7, 10_000):
            wanted = [line for line in sorted(model) if part in line][:most]
            assert listing.find(part, most) == wanted == Listing(model).find(part, most)


def test_people_are_found_by_any_part_in_the_order_of_their_names():
    store = MemoryStore()
    rows = {
        "c-1": person("Zoë", "zoe@example.org", "lamp-1"),
        "c-2": person("ana", None, "espresso-7"),
        "c-3": person("Ben", "ben@example.org"),
    }
    directory = Directory(store)
    assert directory.customers() == []
    for customer, row in rows.items():
        store.commit([Put(*place(CUSTOMER, customer), row)])
    for found in (directory, Directory(store)):  # as it followed, and as it is after a start
        assert found.customers() == ["c-2", "c-3", "c-1"]
        assert found.customers("EXAMPLE") == ["c-3", "c-1"]
        assert found.customers("zoË") == found.customers("lamp-1") == ["c-1"]
        assert found.customers("c-2") == ["c-2"]
        assert found.customers("ben\0\n") == found.customers("nobody") == []
        assert found.customers("", most=1) == ["c-2"]


def test_who_was_forgotten_is_remembered_until_nothing_is_left_of_them():
    store = MemoryStore()
    store.commit([Put(*place(FORGOTTEN, "c-2"), {"at_ms": 1})])
    directory = Directory(store)
    assert directory.forgotten() == ["c-2"]
    store.commit([Put(*place(FORGOTTEN, "c-1"), {"at_ms": 2})])
    assert directory.forgotten() == ["c-1", "c-2"]
    store.commit([Put(*place(FORGOTTEN, one), None) for one in ("c-1", "c-2")])
    assert directory.forgotten() == Directory(store).forgotten() == []


def test_the_first_devices_are_listed_without_all_others():
    directory = Directory(MemoryStore())
    assert directory.all_devices(most=2) == []
    store = MemoryStore()
    directory = Directory(store)
    row = {"title": "Lamp", "product": "lamp"}
    for name in ("lamp-2", "lamp", "lamp-10", "lamp-1"):
        store.commit([Put(*place(DEVICE, name), row)])
    assert directory.all_devices(most=3) == ["lamp", "lamp-1", "lamp-10"]
    assert directory.all_devices() == ["lamp", "lamp-1", "lamp-10", "lamp-2"]


def test_a_new_name_takes_the_place_of_the_old_one():
    store = MemoryStore()
    directory = Directory(store)
    store.commit([Put(*place(DEVICE, "lamp-1"), {"title": "Kitchen", "product": "lamp"})])
    assert directory.devices("kitchen") == ["lamp-1"]
    store.commit([Put(*place(DEVICE, "lamp-1"), {"title": "Hall", "product": "lamp"})])
    assert directory.devices("kitchen") == []
    assert directory.devices("hall") == directory.all_devices() == ["lamp-1"]
    store.commit([Put(*place(DEVICE, "lamp-1"), None)])
    assert directory.devices() == directory.all_devices() == []


def test_what_lay_in_one_vault_moves_to_its_places(tmp_path: Path):
    store = TinyStore(tmp_path)
    row = {"product": "lamp", "title": "Lamp", "registered_ms": 1}
    store.commit(
        [Put("hub", "directory", f"c-{n}", person(f"Ana {n}")) for n in range(450)]
        + [Put("hub", "devices", "lamp-1", row), Put("hub", "forgotten", "c-x", {"at_ms": 1})]
    )
    for _ in range(2):
        move_in(store)
    assert "hub" not in store.vaults()
    directory = Directory(store)
    assert len(directory.customers("ana", most=1000)) == 450
    assert directory.all_devices() == ["lamp-1"]
    assert store.get("device/lamp-1", "registered", "about") == row
    assert directory.forgotten() == ["c-x"]
    assert store.get(*place(FORGOTTEN, "c-x")) == {"at_ms": 1}
    store.close()
