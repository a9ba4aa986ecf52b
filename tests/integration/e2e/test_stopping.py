"""A stop waits for the calls."""

from pathlib import Path

import pytest

from tests.peers.hotline import Hotline, eventually, no_models
from tests.peers.rtp_peer import PeerRefused, RawPeer
from voicebot.adapters.sip.raw_peer import PeerOptions

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(no_models()), reason=no_models()),
]

SECOND = 50
"""Packets."""


async def test_sigterm_lets_a_call_end(tmp_path: Path) -> None:
    with Hotline(tmp_path, VOICEBOT_RENDER_AHEAD="false") as hotline:
        async with RawPeer.to(hotline.sip, PeerOptions(user="13800138031")) as peer:
            await peer.call()
            hotline.terminate()
            await eventually(lambda: "draining" in hotline.log())
            heard = len(peer.tape.heard())
            await eventually(lambda: len(peer.tape.heard()) > heard + 3 * SECOND)
            async with RawPeer.to(hotline.sip, PeerOptions(user="13800138032")) as late:
                with pytest.raises(PeerRefused):
                    await late.call()
            assert not peer.ended.is_set()
            assert hotline.process.poll() is None
            await peer.bye()
        await eventually(lambda: hotline.process.poll() is not None, 60)
        assert hotline.process.returncode == 0, hotline.log()
