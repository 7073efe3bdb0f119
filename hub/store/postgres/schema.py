"""The tables in PostgreSQL, by numbered migrations: each is applied once, in order, for ever as is.

Documents are spread by the hash of their vault and every statement names the vaults it is about: so
a distributed PostgreSQL can spread them over machines by the same column. Keys are in a schema of
their own, best in a database of their own: what is in a backup of the documents must not be in the
same one as their keys (hub/store/keyring.py says why).
"""

import psycopg

from hub.store import StoreError

_PARTS = 16
_LOCK = 0x52617070  # of whoever migrates; any number that nobody else has taken


def _parted(table: str, columns: str, by: str) -> str:
    """A table in parts, by the hash of a column."""
    parts = "".join(
        f"create table {table}_{part} partition of {table}"
        f" for values with (modulus {_PARTS}, remainder {part});"
        for part in range(_PARTS)
    )
    return f"create table {table} ({columns}) partition by hash ({by}); {parts}"


# version: of what is in the vault, a new number with each commit; there is no row for an empty one.
# tab and doc: names of table and document as UTF-8, which PostgreSQL sorts as Python does.
_DOCUMENTS = (
    _parted(
        "rapport.vaults", 'vault text collate "C" primary key, version bigint not null', "vault"
    )
    + _parted(
        "rapport.documents",
        'vault text collate "C", tab bytea, doc bytea, sealed bytea not null,'
        " primary key (vault, tab, doc)",
        "vault",
    ),
    # What other workers have in memory and must hear of: kept for a day.
    "create table rapport.news (number bigint generated always as identity primary key,"
    " at timestamptz not null default now(), vault text not null, tab bytea not null,"
    " doc bytea not null, before bytea, after bytea)",
)

# wrapped is null: the key was destroyed. ring: what only the right master key can open.
_KEYS = (
    _parted(
        "rapport_keys.keys",
        'name text collate "C", key bytea, wrapped bytea, primary key (name, key)',
        "name",
    )
    + "create unique index on rapport_keys.keys (name) where wrapped is not null;"
    "create table rapport_keys.ring (one boolean primary key check (one), checked bytea not null)",
)

MIGRATIONS = {"rapport": _DOCUMENTS, "rapport_keys": _KEYS}


def migrate(base: psycopg.Connection, schema: str) -> None:
    """Bring a schema to this version, one worker at a time. StoreError for one of a later."""
    migrations = MIGRATIONS[schema]
    with base.transaction():
        base.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        base.execute(f"create schema if not exists {schema}".encode())
        base.execute(
            f"create table if not exists {schema}.migrations"
            " (number int primary key, at timestamptz not null default now())".encode()
        )
        ((number,),) = base.execute(
            f"select coalesce(max(number), 0) from {schema}.migrations".encode()
        ).fetchall()
        if number > len(migrations):
            raise StoreError(
                f"the schema {schema} is of a later version of Rapport ({number}): upgrade it"
            )
        for order in migrations[number:]:
            number += 1
            base.execute(order.encode())
            base.execute(f"insert into {schema}.migrations values ({number})".encode())
