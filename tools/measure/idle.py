"""A hub's store from a cold start, in a process of its own.

    python -m tools.measure.idle FOLDER SEARCHES

Prints one line when everybody can be found, and one when it has searched so many times.
"""

import json
import sys
import time
from pathlib import Path
from random import Random

from hub.people.directory import Directory
from hub.store.tiny import TinyStore


def rss_mb() -> float:
    """What of this process is in memory; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 1e6


def main(folder: Path, searches: int) -> None:
    store = TinyStore(folder)
    directory = Directory(store)
    found = directory.customers()
    ready = {"rss_mb": rss_mb(), "cpu_s": time.process_time(), "found": len(found)}
    print(json.dumps(ready), flush=True)
    print(json.dumps({"search_ms": _search(store, directory, searches)}), flush=True)
    store.close()


def _search(store: TinyStore, directory: Directory, count: int) -> list[float]:
    """Milliseconds of each search, with what the hub reads to show those it finds."""
    random, took_ms = Random(1), []
    rows = [_profile(store, one) for one in directory.customers("", 50)]
    names = [row["name"] for row in rows if row]
    for number in range(count):
        name = random.choice(names)
        at = random.randrange(len(name) - 2)
        wanted = (name[at : at + random.randint(1, 5)], f"{random.randrange(99999)}@", "nobody")
        start_s = time.perf_counter()
        for one in directory.customers(wanted[number % 3], 50):
            _profile(store, one)
        took_ms.append(1000 * (time.perf_counter() - start_s))
    return took_ms


def _profile(store: TinyStore, customer: str) -> dict | None:
    return store.get(f"customer/{customer}", "profile", "about")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
