"""What the store asks of PostgreSQL; all of it names the vaults that it is about."""

# nothing of the documents of a vault that is as we have it
READ = """
select v.vault, v.version, d.tab, d.doc, d.sealed
from unnest(%s::text[], %s::bigint[]) as known (vault, version)
join rapport.vaults as v on v.vault = known.vault
left join rapport.documents as d on d.vault = v.vault and v.version <> known.version"""

LIST = "select vault from rapport.vaults where starts_with(vault, %s) order by vault"

# In one order, so that no two workers wait for each other.
LOCK = "select vault, version from rapport.vaults where vault = any(%s) order by vault for update"
HOLD = "select vault, version from rapport.vaults where vault = any(%s) for share nowait"

# Those that were not there must still not be: the answer lacks them if they are.
ADVANCE = """
insert into rapport.vaults (vault, version)
select vault, %s from unnest(%s::text[]) as changed (vault) order by vault
on conflict (vault) do update set version = excluded.version
where vaults.vault <> all(%s::text[]) returning vault"""

WRITE = """
insert into rapport.documents (vault, tab, doc, sealed)
select * from unnest(%s::text[], %b::bytea[], %b::bytea[], %b::bytea[])
on conflict (vault, tab, doc) do update set sealed = excluded.sealed"""

REMOVE = """
delete from rapport.documents as d
using unnest(%s::text[], %b::bytea[], %b::bytea[]) as gone (vault, tab, doc)
where d.vault = gone.vault and d.tab = gone.tab and d.doc = gone.doc
and d.vault = any(%s)"""

CLEAR = """
delete from rapport.vaults as v where v.vault = any(%s)
and not exists (select from rapport.documents as d where d.vault = v.vault)"""

DROP = "delete from rapport.documents where vault = %s"
DROP_VAULT = "delete from rapport.vaults where vault = %s"

REPORT = """
insert into rapport.news (vault, tab, doc, before, after)
select * from unnest(%s::text[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[])
returning number"""

TELL = "select pg_notify('rapport', %s)"
NEWS = (
    "select vault, tab, doc, before, after from rapport.news where number = any(%s) order by number"
)
ALL_NEWS = "select vault, tab, doc, before, after from rapport.news order by number"
FORGET_NEWS = "delete from rapport.news where at < now() - interval '1 day'"
