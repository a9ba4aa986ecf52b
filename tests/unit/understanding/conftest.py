"""The shipped lexicons and examples, loaded once."""

from pathlib import Path

import pytest

from voicebot.bootstrap.brain import load_brain
from voicebot.understanding import Understander

ROOT = Path(__file__).parents[3] / "knowledge_base"
TABLES = Path(__file__).parent / "tables"


def lexicon_texts() -> dict[str, str]:
    """Path → text of the shipped lexicons and gazetteer."""
    paths = [*sorted(ROOT.glob("lexicons/*.yaml")), ROOT / "gazetteer.yaml"]
    return {path.relative_to(ROOT.parent).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def table(name: str) -> list[list[str]]:
    """Rows of a tab separated table, comments left out."""
    lines = (TABLES / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    return lexicon_texts()


@pytest.fixture(scope="session")
def understander() -> Understander:
    return load_brain(ROOT.parent).understander
