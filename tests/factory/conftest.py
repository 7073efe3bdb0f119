from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factory.floor import Floor


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with Floor(tmp_path) as floor:
        yield floor
