"""The folder that keeps slow results."""

import os
from pathlib import Path

from voicebot.adapters.files.shelf import FolderShelf


def test_what_was_put_is_there_for_the_next_process(tmp_path: Path) -> None:
    FolderShelf(tmp_path / "new").put("index of today", b"abc")
    assert FolderShelf(tmp_path / "new").get("index of today") == b"abc"
    assert FolderShelf(tmp_path / "new").get("index of yesterday") is None


def test_a_damaged_file_counts_as_missing(tmp_path: Path) -> None:
    shelf = FolderShelf(tmp_path)
    shelf.put("index", b"abc")
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    assert shelf.get("index") is None
    shelf.put("index", b"abcd")
    assert shelf.get("index") == b"abcd"


def test_the_least_recently_used_gives_way(tmp_path: Path) -> None:
    shelf = FolderShelf(tmp_path, most_bytes=300)
    for number in range(3):
        shelf.put(str(number), bytes(50))
        os.utime(max(tmp_path.iterdir(), key=lambda path: path.stat().st_ctime_ns), (number, number))
    assert shelf.get("0") is not None  # used now
    shelf.put("3", bytes(50))
    assert [shelf.get(str(number)) is not None for number in range(4)] == [True, False, True, True]


def test_what_cannot_be_kept_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    shelf = FolderShelf(tmp_path / "file" / "folder")
    shelf.put("index", b"abc")
    assert shelf.get("index") is None
