"""Whether a device and the hub know the same of a person, told by four bytes.

Whatever went wrong on the way (flash that turned older, a cut between two writes, a clock set back)
shows in it sooner or later; then the hub says all anew. What a word had seen (`base`) and who lost
(`conflicts`) may differ: neither changes what a product does once all is merged.
"""

from binascii import crc32

from protocol import cbor


def digest(known):
    """CRC-32 of a fold.Known: its generation, rows, words, rules, and what was taken back."""
    value = crc32(cbor.dumps(known.registers.generation))
    for row in known.rows:
        value = crc32(cbor.dumps(row), value)
    words, rules = known.registers.entries, known.rules
    for index in sorted(words):
        value = crc32(cbor.dumps((index, words[index][0], words[index][2:])), value)
    for index in sorted(rules):
        value = crc32(cbor.dumps((index, rules[index])), value)
    for mark in known.undone:
        value = crc32(cbor.dumps(mark), value)
    carried = known.carried
    for index in sorted(carried):
        value = crc32(cbor.dumps((index, carried[index])), value)
    return value
