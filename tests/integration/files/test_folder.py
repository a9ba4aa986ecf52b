"""A folder that is watched, as editors and copies treat it."""

import os
from pathlib import Path

import pytest

from voicebot.adapters.files.folder import WatchedFolder

pytestmark = pytest.mark.integration

NAME = "ivr_flows/main.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ivr_flows").mkdir()
    write(tmp_path, "flow: main\n", old=True)
    return tmp_path


def write(root: Path, text: str, *, old: bool = False) -> None:
    path = root / NAME
    path.write_text(text, "utf-8")
    if old:
        os.utime(path, (1_000_000_000, 1_000_000_000))


def test_old_files_are_read_at_once(folder: Path) -> None:
    watched = WatchedFolder(folder, quiet=60)
    assert watched.changed()
    assert watched.read() == {NAME: "flow: main\n"}
    assert not watched.changed()
    assert watched.place.endswith(str(folder))


def test_every_way_to_save_is_noticed(folder: Path) -> None:
    watched = WatchedFolder(folder, quiet=0.01)
    watched.read()
    write(folder, "flow: other\n")  # in place
    assert watched.changed()
    watched.read()
    (folder / "ivr_flows/new").write_text("flow: third\n", "utf-8")  # beside it, then renamed over it
    assert not watched.changed()
    (folder / "ivr_flows/new").replace(folder / NAME)
    assert watched.changed()
    assert watched.read() == {NAME: "flow: third\n"}
    (folder / NAME).unlink()
    assert watched.changed()
    assert watched.read() == {}


def test_a_file_is_read_when_it_is_whole(folder: Path) -> None:
    pieces = [f"line: {n}\n" for n in range(1, 6)]
    left = iter(pieces)

    def meanwhile(_: float) -> None:
        if piece := next(left, ""):
            with (folder / NAME).open("a", encoding="utf-8") as file:
                file.write(piece)

    watched = WatchedFolder(folder, pause=meanwhile)
    watched.read()
    write(folder, "line: 0\n")
    assert watched.read() == {NAME: "line: 0\n" + "".join(pieces)}


def test_what_editors_leave_behind_is_nothing(folder: Path) -> None:
    watched = WatchedFolder(folder, quiet=0.01)
    watched.read()
    for name in (".main.yaml.swp", "main.yaml~", ".#main.yaml", "main.yaml.bak"):
        (folder / "ivr_flows" / name).write_text("x", "utf-8")
    assert not watched.changed()


def test_a_folder_that_is_gone_is_empty(folder: Path) -> None:
    watched = WatchedFolder(folder / "nowhere")
    assert watched.read() == {}
