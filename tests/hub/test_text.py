"""Documents as text: the same documents come back, whatever is in them, in every form kept."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from hub.store import Put, decode
from hub.store import encode as encode_puts
from hub.store.text import document, encode, lines, put, tables, written

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=9),
    lambda some: (
        st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=3), some, max_size=3)
    ),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.text(max_size=4), VALUES, max_size=4)
TABLES = st.dictionaries(
    st.text(max_size=4), st.dictionaries(st.text(max_size=4), DOCUMENTS, min_size=1), min_size=1
)


@given(TABLES)
def test_a_vault_is_read_as_it_was_written(kept: dict):
    texts = {
        table: {key: orjson.dumps(one) for key, one in documents.items()}
        for table, documents in kept.items()
    }
    assert tables(lines(texts)) == texts


@given(TABLES)
def test_a_vault_of_an_earlier_version_is_read(kept: dict):
    found = tables(orjson.dumps(kept))
    assert {t: {k: document(one) for k, one in texts.items()} for t, texts in found.items()} == kept


@given(st.lists(st.tuples(st.text(), st.text(), st.none() | DOCUMENTS), min_size=1, max_size=4))
def test_a_commit_is_what_its_puts_are(places: list):
    puts = [Put("customer/c-1", *place) for place in places]
    some = written(puts)
    assert [put(one) for one in some] == puts
    assert encode(some) == encode_puts(puts)
    assert decode(encode(some)) == puts
