"""People are rung over the trunk: who may be, and what comes back when they do not answer."""

from typing import Any

import pytest

from tests.integration.sip.conftest import Desk, open_desk, wait_for
from tests.peers.ports import free_port
from tests.peers.softphone import Softphone, needs_pjsip
from voicebot.calls.ports import Unanswered

pytestmark = [pytest.mark.integration, needs_pjsip]

NUMBER = "13800008000"


def way(phone: Softphone) -> dict[str, Any]:
    return {
        "outbound": f"sip:9{{number}}@127.0.0.1:{phone.port}",
        "outbound_caller": "sip:12345@example.org",
    }


async def test_an_answered_call_says_whom_we_rang() -> None:
    async with Softphone(incoming=200) as phone, open_desk(**way(phone)) as desk:
        assert desk.trunk.open
        line = await desk.trunk.ring_out(NUMBER, 10)
        assert not isinstance(line, Unanswered)
        invite = (await phone.rings())["message"]
        assert invite.startswith(f"INVITE sip:9{NUMBER}@127.0.0.1")
        assert "P-Preferred-Identity: <sip:12345@example.org>" in invite
        info = line.info
        assert (info.caller, info.dialled, info.outbound) == (NUMBER, "12345", True)
        await line.answer()  # the far end has answered: there is nothing to be done
        await line.hang_up("done")
        await phone.wait_for("DISCONNECTED")


@pytest.mark.parametrize(
    ("incoming", "outcome"),
    [
        (486, Unanswered.BUSY),
        (603, Unanswered.REFUSED),
        (480, Unanswered.NO_ANSWER),
        (404, Unanswered.UNREACHABLE),
        (503, Unanswered.FAILED),
        (180, Unanswered.NO_ANSWER),
    ],
)
async def test_why_nobody_answered(incoming: int, outcome: Unanswered) -> None:
    async with Softphone(incoming=incoming) as phone, open_desk(**way(phone)) as desk:
        assert await desk.trunk.ring_out(NUMBER, 1.5) is outcome


@pytest.mark.parametrize("number", ["110", "120", "12345", "008613800138000", "8001@10.0.0.1;x=13800008000"])
async def test_no_other_number_leaves_this_house(number: str) -> None:
    async with Softphone(incoming=200) as phone, open_desk(**way(phone)) as desk:
        assert await desk.trunk.ring_out(number, 5) is Unanswered.UNREACHABLE
        assert not [event for event in phone.events if event["event"] == "incoming"]


async def test_without_a_way_out_nobody_is_rung(desk: Desk) -> None:
    assert not desk.trunk.open
    assert await desk.trunk.ring_out(NUMBER, 5) is Unanswered.FAILED


async def test_nobody_is_rung_while_the_trunk_is_drained() -> None:
    async with open_desk(outbound=f"sip:{{number}}@127.0.0.1:{free_port()}") as desk:
        assert desk.trunk.open
        await desk.trunk.drain(0.1)
        assert not desk.trunk.open


async def test_who_finds_all_lines_taken_is_known() -> None:
    missed: list[str] = []

    async def on_missed(number: str) -> None:
        missed.append(number)

    async with open_desk(max_calls=1, on_missed=on_missed) as desk, Softphone() as first:
        await first.call(desk.uri)
        await first.wait_for("CONFIRMED")
        async with Softphone(user=NUMBER) as second:
            await second.call(desk.uri)
            assert (await second.wait_for("DISCONNECTED"))["status"] == 486
            await wait_for(lambda: missed == [NUMBER])
        await first.hang_up()
