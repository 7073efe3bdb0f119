"""Whoever says what, in whatever order: nothing leaves a runtime, and no limit is passed."""

from tests.conftest import many
from tests.crash.tally import seeds
from tests.fuzz.limits import assault


def test_a_product_never_takes_what_its_description_does_not_allow(tmp_path):
    applied = 0
    for seed in seeds(many(120)):
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            applied += assault(seed, folder)
        except Exception as error:
            raise AssertionError(f"SEED={seed}: {error!r}") from error
    assert applied > seed
