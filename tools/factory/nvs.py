"""A device's NVS partition, as ESP-IDF has it: made by Espressif's own generator, read here.

Format: ESP-IDF API reference, "Non-volatile Storage Library", version 2 of blobs. Pages of 4096
bytes: 32 of header, 32 with two bits for each of 126 entries, then the entries, 32 bytes each.
"""

import io
import struct
import zlib
from typing import Any, NamedTuple

from tools.factory.errors import FactoryError

NAMESPACE = "rapport"
PAGE = 4096
_FIRST, _ENTRY, _ENTRIES = 64, 32, 126
_EMPTY_PAGE = b"\xff" * 4
_WRITTEN = 2  # of an entry's two bits; 3 is empty, 0 erased
_U8, _BLOB_DATA, _BLOB_INDEX = 0x01, 0x42, 0x48


class _Entry(NamedTuple):
    namespace: int
    kind: int
    chunk: int
    key: str
    data: bytes  # the eight bytes in the entry itself
    content: bytes  # what the entries after it hold


def make(blobs: dict[str, bytes], size: int) -> bytes:
    """A partition of `size` bytes with these blobs; FactoryError if they do not fit."""
    from esp_idf_nvs_partition_gen import nvs_partition_gen as generator

    generator_: Any = generator
    target = io.BytesIO()
    try:
        with generator_.nvs_open(target, size - PAGE, version=generator_.Page.VERSION2) as nvs:
            generator_.write_entry(nvs, NAMESPACE, "namespace", "", "")
            for name, blob in blobs.items():
                generator_.write_entry(nvs, name, "data", "hex2bin", blob.hex())
    except (generator_.InsufficientSizeError, generator_.InputError) as error:
        raise FactoryError(f"an identity does not fit in {size} bytes of NVS: {error}") from None
    return target.getvalue()


def read(partition: bytes, namespace: str = NAMESPACE) -> dict[str, bytes]:
    """{name: content} of every whole blob in a namespace; what is damaged is not there."""
    entries = [
        entry
        for start in range(0, len(partition), PAGE)
        for entry in _entries(partition[start : start + PAGE])
    ]
    spaces = [
        entry.data[0]
        for entry in entries
        if (entry.namespace, entry.kind, entry.key) == (0, _U8, namespace)
    ]
    own = [entry for entry in entries if entry.namespace in spaces]
    chunks = {(entry.key, entry.chunk): entry.content for entry in own if entry.kind == _BLOB_DATA}
    found: dict[str, bytes] = {}
    for entry in own:
        if entry.kind == _BLOB_INDEX:
            blob = _joined(entry, chunks)
            found |= {entry.key: blob} if blob is not None else {}
    return found


def _entries(page: bytes) -> list[_Entry]:
    found: list[_Entry] = []
    number = 0 if page[:4] != _EMPTY_PAGE else _ENTRIES
    while number < _ENTRIES:
        state = page[32 + number // 4] >> 2 * (number % 4) & 3
        entry, span = _entry(page[_FIRST + _ENTRY * number :]) if state == _WRITTEN else (None, 1)
        found += [entry] if entry else []
        number += span
    return found


def _entry(raw: bytes) -> tuple[_Entry | None, int]:
    """(what begins here, how many entries it takes); None if it is damaged."""
    namespace, kind, span, chunk, checksum = struct.unpack_from("<BBBBI", raw)
    head, data = raw[:_ENTRY], raw[24:_ENTRY]
    if zlib.crc32(head[:4] + head[8:], 0xFFFFFFFF) != checksum or not span:
        return None, 1
    content = b""
    if kind == _BLOB_DATA:
        size, content_sum = struct.unpack("<HxxI", data)
        content = raw[_ENTRY : _ENTRY + size]
        if zlib.crc32(content, 0xFFFFFFFF) != content_sum:
            return None, span
    key = head[8:24].split(b"\0")[0].decode(errors="replace")
    return _Entry(namespace, kind, chunk, key, data, content), span


def _joined(index: _Entry, chunks: dict[tuple[str, int], bytes]) -> bytes | None:
    size, count, first = struct.unpack_from("<IBB", index.data)
    parts = [chunks.get((index.key, first + number)) for number in range(count)]
    whole = b"".join(part for part in parts if part is not None)
    return whole if None not in parts and len(whole) == size else None
