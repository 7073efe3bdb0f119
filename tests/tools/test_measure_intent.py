"""Windows in which both sides chose: who loses what, with the real cores in the same run."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from tests.conftest import many
from tools.measure import intent
from tools.measure.episode import APP, CUT, HAND, KINDS, PHONE, Act, Episode, draw


@pytest.mark.parametrize("seed", [1, 2])
def test_rapport_loses_none_and_the_others_half(tmp_path: Path, seed: int) -> None:
    result = asyncio.run(intent.measure(tmp_path, many(25), seed, lambda rounds, what: rounds))
    lost = result.figures["lost"]
    assert lost[intent.OURS] == 0
    assert all(lost[name] > 0.25 for name in ("shadow", "arrival", "three_way"))
    assert result.figures["lost_by_kind"]["wall_clock"][KINDS[0]] == 0
    assert result.figures["lost_by_kind"]["wall_clock"][KINDS[2]] > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_an_episode_is_what_it_says(kind: str) -> None:
    dice = Random(7)
    for _ in range(200):
        episode = draw(dice, kind)
        whats = [act.what for act in episode.acts]
        assert episode.acts == sorted(episode.acts)
        assert HAND in whats
        assert APP in whats
        assert whats.count(CUT) == (kind == KINDS[2])
        assert episode.acts[-1].at_ms < episode.end_ms
        chosen = [act.value for act in episode.acts if act.what in (HAND, APP)]
        assert episode.newest == chosen[-1]
        assert len(set(chosen)) == len(chosen)


def test_a_clock_without_a_battery_begins_again_with_the_power() -> None:
    acts = [Act(1_000, HAND, 5), Act(2_000, CUT), Act(5_000, PHONE), Act(9_000, HAND, 10)]
    episode = Episode(acts, 10_000, 300)
    assert episode.device_ms(1_000) == 700
    assert episode.device_ms(9_000) == 7_000
