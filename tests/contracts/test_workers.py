"""Several hub workers on one PostgreSQL: what two decide at the same time, both have decided."""

import asyncio
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import psycopg
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from hub.api.again import Again
from hub.api.answers import answer_errors
from hub.app import let_in
from hub.draft import Draft
from hub.link import Message
from hub.store import Put, StaleError, StoreError
from hub.store.postgres.schema import MIGRATIONS
from hub.store.postgres.store import PostgresStore
from protocol import messages
from tests.conftest import ROOT, many
from tests.contracts import worker
from tests.contracts.worker import MASTER
from tests.hub.living import Hub, subject_of

VISITS = many(60)
OTHER_MASTER = bytes(32)


@pytest.fixture
def url(postgres: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"workers{zlib.crc32(request.node.name.encode())}"
    yield postgres.database(name)
    postgres.drop(name)


@pytest.fixture
def two(url: str) -> Iterator[tuple[PostgresStore, PostgresStore]]:
    one, other = PostgresStore(url, MASTER), PostgresStore(url, MASTER)
    yield one, other
    one.close()
    other.close()


def count(store: PostgresStore) -> int:
    document = store.get("customer/c-1", "t", "k")
    return document["n"] if document else 0


def add(draft: Draft) -> None:
    document = draft.get("customer/c-1", "t", "k") or {"n": 0}
    draft.put("customer/c-1", "t", "k", {"n": document["n"] + 1})


def test_what_another_worker_has_changed_is_not_written_over(two):
    one, other = two
    for _ in range(3):  # there is nothing, there is something, it is known from before
        first, second = Draft(one), Draft(other)
        add(first)
        add(second)
        first.commit()
        with pytest.raises(StaleError):
            second.commit()
        again = Draft(other)
        add(again)
        again.commit()
        assert count(one) == count(other)
    assert count(one) == 6


def test_nothing_is_decided_on_what_another_worker_has_changed_meanwhile(two):
    one, other = two
    one.commit([Put("hub", "rules", "open", {"yes": True})])
    draft = Draft(other)
    assert draft.get("hub", "rules", "open")
    draft.put("customer/c-1", "t", "k", {})
    one.commit([Put("hub", "rules", "open", None)])
    with pytest.raises(StaleError):
        draft.commit()
    assert other.vaults() == []


def test_a_vault_that_went_and_came_again_is_another(two):
    one, other = two
    one.commit([Put("hub", "t", "k", {"n": 1})])
    draft = Draft(other)
    draft.put("hub", "t", "k", {"n": draft.get("hub", "t", "k")["n"] + 1})
    one.drop("hub")
    one.commit([Put("hub", "t", "k", {"n": 1})])
    with pytest.raises(StaleError):
        draft.commit()


def test_a_draft_commits_again_after_its_own_commit(two):
    one, _ = two
    draft = Draft(one)
    for _ in range(3):
        add(draft)
        draft.commit()
    assert count(one) == 3


def run(url: str, folder: Path, given: list[list[Message]]) -> None:
    """A worker for each list of messages, all at the same time."""
    workers = []
    for number, some in enumerate(given):
        worker.write(folder / str(number), some)
        command = [sys.executable, "-m", "tests.contracts.worker", url, str(folder / str(number))]
        workers.append(
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        )
    try:
        for process in workers:
            assert process.stdout.readline() == b"ready\n"
        for process in workers:
            process.stdin.write(b"go\n")
            process.stdin.flush()
        for process in workers:
            assert process.wait(100) == 0
    finally:
        for process in workers:
            process.kill()
            process.communicate()


def at_home(url: str, lamps: int) -> tuple[Hub, str, list]:
    """Ana, and lamps that know her and have heard of her."""
    hub = Hub(PostgresStore(url, MASTER))
    ana, units = hub.profiles.welcome("Ana"), []
    for number in range(1, lamps + 1):
        unit = hub.lamp(f"lamp-{number}")
        hub.profiles.link(ana, unit.name)
        unit.hello()
        unit.listen()
        units.append(unit)
    return hub, ana, units


def test_two_workers_that_fold_the_same_customer_at_once_lose_no_event(url, tmp_path):
    hub, ana, lamps = at_home(url, 2)
    given = []
    for lamp in lamps:
        subject = subject_of(hub, ana, lamp.name)
        for number in range(VISITS):
            lamp.use(subject, number % 21 * 5)
        firsts = range(1, len(lamp.records) + 1, 8)
        given.append([lamp.batch(first) for first in firsts])
    run(url, tmp_path, given)
    about = hub.profiles.about(ana)["use"][0]
    assert about["visits"] == 2 * VISITS
    assert about["counters"][0]["total"] == 2 * VISITS * 60
    hub.store.close()


def test_two_workers_that_hear_the_same_messages_count_them_once(url, tmp_path):
    hub, ana, (lamp,) = at_home(url, 1)
    subject = subject_of(hub, ana)
    for number in range(VISITS):
        lamp.use(subject, number % 21 * 5)
    messages = [lamp.batch(first) for first in range(1, len(lamp.records) + 1, 8)]
    run(url, tmp_path, [messages, messages])
    assert hub.profiles.about(ana)["use"][0]["visits"] == VISITS
    hub.store.close()


class Raced(PostgresStore):
    """Just before its next commits another worker writes: `others`, one for each."""

    others: ClassVar[list[Callable[[], None]]] = []

    def keep(self, puts, pins):
        if self.others:
            self.others.pop()()
        return super().keep(puts, pins)


def test_a_batch_in_whose_way_another_worker_stands_is_taken_in_part_by_part(url):
    hub, ana, (lamp,) = at_home(url, 1)
    for number in range(20):
        lamp.use(subject_of(hub, ana), number * 5)
    batch = [lamp.batch(first) for first in range(1, len(lamp.records) + 1, 8)]
    raced = Hub(Raced(url, MASTER))

    def other() -> None:
        hub.profiles.wish(ana, "lamp", "brightness", 35, by="Sam")

    raced.store.others = [other] * 3
    said = raced.ingest.heard(batch)
    assert hub.profiles.about(ana)["use"][0]["visits"] == 20
    assert messages.decode(*said[-1][1:]).upto == len(lamp.records)
    raced.store.others = [other] * 99
    lamp.use(subject_of(hub, ana), 40)
    with pytest.raises(StaleError):
        raced.ingest.heard([lamp.batch(len(lamp.records))])
    raced.store.others = []
    raced.ingest.heard([lamp.batch(len(lamp.records) - 1)])
    assert hub.profiles.about(ana)["use"][0]["visits"] == 21
    hub.store.close()
    raced.store.close()


def test_a_request_that_another_worker_came_before_is_carried_out_again():
    app, tries = FastAPI(), []
    answer_errors(app)

    @app.post("/{times}")
    async def late(times: int, request: Request) -> dict:
        tries.append(await request.body())
        if len(tries) < times:
            raise StaleError("another worker came before")
        return {}

    app.add_middleware(Again)
    client = TestClient(app)
    assert client.post("/3", content=b"the same").status_code == 200
    assert tries == [b"the same"] * 3
    refused = client.post("/99", content=b"x")
    assert refused.status_code == 503
    assert "ask again" in refused.json()["error"]


def test_a_customer_whom_another_worker_welcomed_renamed_or_erased_is_found_so(two):
    one, other = Hub(two[0]), Hub(two[1])
    one.dice.thrown = 1000
    ben = other.profiles.welcome("Ben")
    assert [row["name"] for row in other.profiles.search("")] == ["Ben"]
    ana = one.profiles.welcome("Ana")
    two[1].get("hub", "t", "k")  # any reading hears of it
    assert [row["name"] for row in other.profiles.search("")] == ["Ana", "Ben"]
    one.profiles.forget(ana)
    two[1].get("hub", "t", "k")
    assert [row["id"] for row in other.profiles.search("")] == [ben]
    assert other.profiles._directory._listing("customer").find("ana", 9) == []


def test_news_that_were_missed_while_the_database_was_away_are_heard_after(two, url):
    one, other = Hub(two[0]), Hub(two[1])
    other.profiles.search("")
    with psycopg.connect(url, autocommit=True) as base:
        base.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    one.profiles.welcome("Ana")
    two[1].get("hub", "t", "k")
    assert [row["name"] for row in other.profiles.search("")] == ["Ana"]


def test_who_was_erased_cannot_be_read_from_a_backup_of_the_documents(two, url):
    one, _ = two
    one.commit([Put("customer/c-1", "t", "k", {"n": 1}), Put("hub", "t", "k", {"n": 2})])
    with psycopg.connect(url) as base:
        backup = base.execute("select * from rapport.documents").fetchall()
        vaults = base.execute("select * from rapport.vaults").fetchall()
        one.drop("customer/c-1")
        base.execute("delete from rapport.documents; delete from rapport.vaults")
        for row in backup:
            base.execute("insert into rapport.documents values (%s, %s, %s, %s)", row)
        for row in vaults:
            base.execute("insert into rapport.vaults values (%s, %s)", row)
    with_backup = PostgresStore(url, MASTER)
    assert with_backup.get("customer/c-1", "t", "k") is None
    assert with_backup.get("hub", "t", "k") == {"n": 2}
    assert with_backup.erased() == {"customer/c-1"}
    with_backup.close()


def test_nothing_that_is_kept_can_be_read_in_the_database(two, url):
    one, _ = two
    one.commit([Put("customer/c-1", "t", "k", {"name": "Ana Example"})])
    with psycopg.connect(url) as base:
        (sealed,) = base.execute("select sealed from rapport.documents").fetchone()
    assert b"Ana" not in sealed


def test_a_document_moved_to_another_place_is_not_taken_for_one_of_there(two, url):
    one, other = two
    one.commit([Put("hub", "t", "k", {"n": 1})])
    with psycopg.connect(url) as base:
        base.execute("update rapport.documents set doc = %s", [b"other"])
    with pytest.raises(StoreError, match="tampered"):
        other.get("hub", "t", "other")


def test_another_master_key_is_refused_with_what_to_do(url):
    PostgresStore(url, MASTER).close()
    with pytest.raises(StoreError, match="RAPPORT_MASTER_KEY"):
        PostgresStore(url, OTHER_MASTER)


def test_keys_of_another_store_are_told_from_damage(url, postgres):
    with_own = PostgresStore(url, MASTER)
    with_own.commit([Put("hub", "t", "k", {})])
    with_own.close()
    foreign = PostgresStore(url, MASTER, keys=postgres.database("foreign"))
    with pytest.raises(StoreError, match="RAPPORT_STORE_KEYS"):
        foreign.get("hub", "t", "k")
    foreign.close()


def test_tables_of_a_later_version_are_refused(url):
    PostgresStore(url, MASTER).close()
    with psycopg.connect(url) as base:
        later = len(MIGRATIONS["rapport"]) + 1
        base.execute("insert into rapport.migrations (number) values (%s)", [later])
    with pytest.raises(StoreError, match="later version"):
        PostgresStore(url, MASTER)


def test_where_no_postgresql_is_a_sentence_says_so(tmp_path):
    with pytest.raises(StoreError, match="PostgreSQL"):
        PostgresStore(f"postgresql://nobody@/none?host={tmp_path}", MASTER)


def test_who_another_worker_lets_in_while_one_starts_is_not_shut_out(two):
    ours, theirs = Hub(two[0]), Hub(two[1])
    ours.lamp("lamp-1")
    written: list[list[str]] = []

    class Doorkeeper:
        def trust(self, lines: Callable[[], list[bytes]]) -> None:
            lines()

        async def admit(self, devices: list[str]) -> None:
            if not written:
                theirs.lamp("lamp-2")  # whose worker writes it into the list, before we write ours
            written.append(devices)

    deliveries = SimpleNamespace(lines=lambda: [*two[0].all("hub", "lines")])
    parts = SimpleNamespace(profiles=ours.profiles, deliveries=deliveries)
    asyncio.run(let_in(parts, Doorkeeper()))
    assert written == [["lamp-1"], ["lamp-1", "lamp-2"]]
