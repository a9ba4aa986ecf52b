"""What the bench of tickets counts, and how it stamps them out."""

from datetime import date

import pytest

from tests.unit.benches.towns import TOWN
from voicebot.adapters.db.vault import Vault
from voicebot.cli.benches.tickets_crash import gaps, pairs
from voicebot.cli.benches.tickets_stamps import POSTGRESQL, SQLITE, Press, Script
from voicebot.cli.benches.tickets_timing import figures

SEAL = b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
TODAY = date(2026, 11, 25)


@pytest.fixture
def vault() -> Vault:
    return Vault(b"search", [SEAL], "of a test")


def test_figures_are_in_milliseconds() -> None:
    assert figures([n / 1000 for n in range(1, 101)]) == {"n": 100, "p50": 50.5, "p95": 96.0, "max": 100.0}
    assert figures([]) == {"n": 0}


def test_a_missing_or_doubled_number_is_a_gap() -> None:
    whole = ["20261125000001", "20261125000002", "20261126000001"]
    assert gaps(whole) == 0
    assert gaps([whole[0], "20261125000003"]) == 1
    assert gaps([*whole, whole[1]]) == 1
    assert gaps(whole[1:2]) == 1


def test_only_whole_lines_were_spoken() -> None:
    assert pairs(b"w1-1 20261125000001\nw1-2 2026112500") == [("w1-1", "20261125000001")]
    assert pairs(b"") == []


@pytest.mark.parametrize("script", [SQLITE, POSTGRESQL], ids=lambda script: script.backend)
def test_all_tickets_are_stamped_before_today(script: Script, vault: Vault) -> None:
    press = Press(TOWN, vault, script, patterns=20, callers=5, seed=1)
    days = list(press.days(800, TODAY))
    assert sum(count for _, count, _ in days) == 800
    assert max(day for day, _, _ in days) < TODAY
    last = days[-1][2]["ticket"].split(script.row)
    at = press.columns["ticket"].index("ticket_no")
    serials = [line.split(script.cell)[at] for line in last]
    assert serials == [f"20261124{n:06d}" for n in range(1, len(last) + 1)]


def test_the_same_seed_gives_the_same_texts(vault: Vault) -> None:
    first, again = (
        [
            tables["ticket_text"]
            for _, _, tables in Press(TOWN, vault, SQLITE, patterns=20, callers=5, seed=7).days(300, TODAY)
        ]
        for _ in range(2)
    )
    assert first == again
