"""CPU is added up over the processes of our own hotline only."""

import os

import pytest

from voicebot.cli.benches.processes import Process, cpu_of_parts, parse, shares, table

TICKS = os.sysconf("SC_CLK_TCK")


def test_a_name_with_brackets_and_spaces() -> None:
    stat = "42 (a) (b c) S 7 1 1 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 0 0 0"
    found = parse(stat, "x")
    assert (found.pid, found.parent) == (42, 7)
    assert found.seconds == pytest.approx(200 / TICKS)


def test_only_descendants_count_and_parts_are_told_apart() -> None:
    processes = [
        Process(1, 0, "voicebot\0bench", 9.0),
        Process(2, 1, "python\0-c\0main()\0serve\0--data\0x", 1.0),
        Process(3, 2, "python\0-m\0voicebot.bootstrap.line", 2.0),
        Process(4, 2, "python\0-m\0voicebot.bootstrap.speech\0recognition", 3.0),
        Process(5, 2, "python\0-m\0voicebot.bootstrap.speech\0synthesis", 4.0),
        Process(6, 2, "nats-server\0-a", 5.0),
        Process(7, 99, "python\0-m\0voicebot.bootstrap.line", 70.0),
    ]
    assert cpu_of_parts(processes, 1) == {
        "supervisor": 1.0,
        "line": 2.0,
        "recognition": 3.0,
        "synthesis": 4.0,
        "bus": 5.0,
    }


def test_shares_of_a_core() -> None:
    assert shares({"line": 1.0}, {"line": 3.0, "web": 1.0}, 4.0) == {"line": 0.5, "web": 0.25}


def test_this_process_is_in_the_table() -> None:
    assert os.getpid() in {each.pid for each in table()}
