"""SIPp, the SIP load generator (Debian package sip-tester), as a test peer."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

SIPP: Final = shutil.which("sipp")

needs_sipp: Final = pytest.mark.skipif(
    SIPP is None, reason="sipp is not installed (apt-get install sip-tester)"
)

_FROM: Final = "<sip:13800138000@[local_ip]:[local_port]>;tag=[pid]t[call_number]"
_SDP: Final = """
      v=0
      o=user1 1 1 IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [auto_media_port] RTP/AVP 8 101
      a=rtpmap:8 PCMA/8000
      a=rtpmap:101 telephone-event/8000
      a=ptime:20
"""


def _send(
    request: str, cseq: str, target: str, to_tag: str, more: str = "", body: str = "", attributes: str = ""
) -> str:
    content = (
        "Content-Type: application/sdp\n      Content-Length: [len]\n" + body
        if body
        else "Content-Length: 0\n"
    )
    return f"""
  <send {attributes}><![CDATA[
      {request} {target} SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      Max-Forwards: 70
      From: {_FROM}
      To: <sip:[service]@[remote_ip]:[remote_port]>{to_tag}
      Call-ID: [call_id]
      CSeq: {cseq} {request}
      Contact: <sip:sipp@[local_ip]:[local_port]>
      {more}{content}
  ]]></send>"""


def _scenario(name: str, steps: str) -> str:
    return f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="{name}">{steps}\n</scenario>\n'


def short_call(sound: Path | None, pause_ms: int) -> str:
    """INVITE, 200 within a second, `pause_ms` with `sound` (raw A-law) on the wire, BYE."""
    target = "sip:[service]@[remote_ip]:[remote_port]"
    media = f'\n  <nop><action><exec rtp_stream="{sound},-1,8"/></action></nop>' if sound else ""
    return _scenario(
        "short call",
        _send("INVITE", "1", target, "", body=_SDP, attributes='retrans="500" start_rtd="1"')
        + '\n  <recv response="100" optional="true"/>\n  <recv response="180" optional="true"/>'
        + '\n  <recv response="200" rtd="1" rrs="true" timeout="1000"/>'
        + _send("ACK", "1", "[next_url]", "[peer_tag_param]")
        + media
        + f'\n  <pause milliseconds="{pause_ms}"/>'
        + _send("BYE", "2", "[next_url]", "[peer_tag_param]", attributes='retrans="500"')
        + '\n  <recv response="200"/>',
    )


def _reply(status: str, more: str = "") -> str:
    return f"""
  <send><![CDATA[
      SIP/2.0 {status}
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]r[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      {more}Content-Length: 0

  ]]></send>"""


def registrar(user: str, password: str) -> str:
    """Challenges a REGISTER (digest, MD5), accepts the right answer only, ends after un-REGISTER."""
    challenge = 'WWW-Authenticate: Digest realm="hotline", nonce="47ebe028cda119c3", algorithm=MD5\n      '
    verify = f'<action><verifyauth assign_to="ok" username="{user}" password="{password}"/></action>'
    accept = _reply("200 OK", "[last_Contact:]\n      Expires: 600\n      ")
    return _scenario(
        "registrar",
        '\n  <recv request="REGISTER"/>'
        + _reply("401 Unauthorized", challenge)
        + f'\n  <recv request="REGISTER">{verify}</recv>'
        + '\n  <nop next="yes" test="ok"/>'
        + _reply("403 Forbidden")
        + '\n  <nop next="end"/>\n  <label id="yes"/>'
        + accept
        + '\n  <recv request="REGISTER"/>'
        + accept
        + '\n  <label id="end"/>\n  <pause milliseconds="100"/>',
    )


@dataclass(frozen=True, slots=True)
class SippResult:
    """`code` 0: every call went as the scenario says; 1: at least one did not."""

    code: int
    output: str
    """The last screen, with the counts of calls."""


async def run_sipp(scenario: str, folder: Path, *arguments: str, seconds: float = 60) -> SippResult:
    """Runs a scenario to its end.

    Args:
        folder: for the scenario and SIPp's own files.
        arguments: of the command line, such as ``127.0.0.1:5060 -m 200 -r 5``.
    """
    assert SIPP is not None
    path = folder / "scenario.xml"
    path.write_text(scenario, encoding="latin-1")
    process = await asyncio.create_subprocess_exec(
        SIPP,
        "-sf",
        str(path),
        *("-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin", "-timeout", f"{seconds:.0f}"),
        *arguments,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(seconds + 10):
            output, _ = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None
    return SippResult(process.returncode, output.decode("latin-1")[-4000:])
