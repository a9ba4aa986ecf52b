"""The signalling of our test caller: one dialogue as a client over UDP (RFC 3261)."""

import asyncio
import contextlib
import re
import secrets
import time
from collections.abc import Callable
from typing import Final

from voicebot.adapters.sip.datagrams import Datagrams
from voicebot.adapters.sip.messages import Message, parse_sdp, reply
from voicebot.core.errors import VoicebotError

T1: Final = 0.5
"""First retransmission of a request (RFC 3261 §17.1.1.1)."""

Headers = tuple[tuple[str, str], ...]

_SIP_URI: Final = re.compile(r"sips?:(?:[^@>;]+@)?([^:;>]+)(?::(\d+))?")
_CONTACT: Final = re.compile(r"<([^>]+)>")


class PeerRefused(VoicebotError):
    """``peer.refused``: the far end did not agree.

    Args:
        status: SIP status, 0 when nothing came in time.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__("peer.refused", f"{status} {reason}")
        self.status: Final = status


class Dialog:
    """Requests out and their answers, requests in and ours.

    Args:
        target: SIP URI.
        user: user part of From.
        socket: opened, owned by us from now on.
        describe: makes our session description for a direction.
    """

    def __init__(self, target: str, user: str, socket: Datagrams, describe: Callable[[str], str]) -> None:
        match = _SIP_URI.match(target)
        if match is None:
            raise VoicebotError("peer.target", f"{target!r} is no SIP URI")
        self._remote = (match[1], int(match[2] or 5060))
        self._target = target
        self._socket = socket
        self._describe = describe
        host = "anonymous.invalid" if user == "anonymous" else socket.address[0]
        self._tag = secrets.token_hex(4)
        self._from = f"<sip:{user}@{host}>;tag={self._tag}"
        self._to = f"<{target}>"
        self._contact = target
        self._call_id = secrets.token_hex(8)
        self._cseq = 0
        self._invite: Message | None = None
        self._answers: asyncio.Queue[Message] = asyncio.Queue(maxsize=100)
        self.established = False
        self.requests: list[Message] = []
        """What the far end asked in the dialogue, in order, repetitions left out."""
        self.ended = asyncio.Event()

    # ── requests ────────────────────────────────────────────────────────────────────────────

    async def invite(self, direction: str, timeout: float, headers: Headers = ()) -> Message:
        """INVITE or re-INVITE, and the ACK; the 2xx answer.

        Raises:
            PeerRefused: another final answer, or none within `timeout` s.
        """
        request = self._send_invite(direction, headers)
        answer = await self._final("INVITE", timeout, request)
        self._acknowledge(request, answer)
        if answer.status >= 300:
            raise PeerRefused(answer.status, answer.start[12:])
        self._to = answer.one("to")
        self._contact = self._contact_of(answer)
        self.established = True
        return answer

    async def invite_and_cancel(self, after: float, timeout: float) -> int:
        """INVITE, CANCEL `after` s later; the status of the INVITE's final answer."""
        request = self._send_invite("sendrecv", ())
        await asyncio.sleep(after)
        self._transmit(self._request("CANCEL", self._target, via=request.one("via")))
        answer = await self._final("INVITE", timeout, None)
        self._acknowledge(request, answer)
        return answer.status

    async def bye(self) -> None:
        if not self.established or self.ended.is_set():
            return
        self.ended.set()
        with contextlib.suppress(PeerRefused):  # gone already, or never heard of us again
            await self._ask("BYE", self._contact, 3.0)

    async def options(self, timeout: float) -> int:
        """Status of an OPTIONS."""
        return (await self._ask("OPTIONS", self._target, timeout)).status

    def send_raw(self, data: bytes) -> None:
        """Any bytes to the far end's SIP port."""
        self._socket.send(data, self._remote)

    async def _ask(self, method: str, uri: str, timeout: float) -> Message:
        self._cseq += 1
        request = self._request(method, uri)
        self._transmit(request)
        return await self._final(method, timeout, request)

    def _send_invite(self, direction: str, headers: Headers) -> Message:
        self._cseq += 1
        request = self._request(
            "INVITE", self._contact, headers, ("content-type", "application/sdp"), self._describe(direction)
        )
        self._transmit(request)
        return request

    def _acknowledge(self, request: Message, answer: Message) -> None:
        """ACK: of a refusal in the same transaction (RFC 3261 §17.1.1.3), of a 2xx in a new one."""
        before, self._to = self._to, answer.one("to")
        if answer.status >= 300:
            self._transmit(self._request("ACK", request.start.split()[1], via=request.one("via")))
            self._to = before
        else:
            self._transmit(self._request("ACK", self._contact_of(answer)))

    def _contact_of(self, answer: Message) -> str:
        match = _CONTACT.search(answer.one("contact"))
        return match[1] if match else self._target

    def _request(
        self,
        method: str,
        uri: str,
        headers: Headers = (),
        content: tuple[str, str] | None = None,
        body: str = "",
        via: str = "",
    ) -> Message:
        host, port = self._socket.address
        all_headers = [
            ("via", via or f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK{secrets.token_hex(8)};rport"),
            ("max-forwards", "70"),
            ("from", self._from),
            ("to", self._to),
            ("call-id", self._call_id),
            ("cseq", f"{self._cseq} {method}"),
            ("contact", f"<sip:peer@{host}:{port}>"),
            *headers,
            *([content] if content else []),
        ]
        return Message(f"{method} {uri} SIP/2.0", tuple(all_headers), body)

    def _transmit(self, message: Message) -> None:
        self._socket.send(message.encode(), self._remote)

    async def _final(self, method: str, timeout: float, request: Message | None) -> Message:
        """Final answer; `request` is sent again until something comes."""
        deadline = time.monotonic() + timeout
        wait, heard = T1, False
        while (left := deadline - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(left if heard else min(wait, left)):
                    answer = await self._answers.get()
            except TimeoutError:
                if request is not None and not heard:
                    self._transmit(request)
                    wait *= 2
                continue
            if answer.one("cseq").split() == [str(self._cseq), method]:
                heard = True
                if answer.status >= 200:
                    return answer
        raise PeerRefused(0, f"no answer to {method} in {timeout:g} s")

    # ── what comes in ───────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Reads the socket until cancelled."""
        while True:
            _, data = await self._socket.incoming.get()
            try:
                message = Message.parse(data)
            except ValueError:
                continue
            if message.one("call-id") != self._call_id:
                continue
            if message.status:
                with contextlib.suppress(asyncio.QueueFull):
                    self._answers.put_nowait(message)
            elif message.method != "ACK":
                self._answer(message)

    def _answer(self, request: Message) -> None:
        """Plays along with what the far end asks."""
        again = any(each.one("cseq") == request.one("cseq") for each in self.requests)
        if not again:
            self.requests.append(request)
        host, port = self._socket.address
        contact = ("contact", f"<sip:peer@{host}:{port}>")
        match request.method:
            case "INVITE":
                asked = parse_sdp(request.body).direction if request.body else "sendrecv"
                body = self._describe({"sendonly": "recvonly", "inactive": "inactive"}.get(asked, "sendrecv"))
                extra = (contact, ("content-type", "application/sdp"))
                self._transmit(reply(request, "200 OK", tag=self._tag, extra=extra, body=body))
            case "REFER":
                self._transmit(reply(request, "202 Accepted", tag=self._tag, extra=(contact,)))
                if not again:
                    self._notify("SIP/2.0 100 Trying", "active;expires=60")
                    self._notify("SIP/2.0 200 OK", "terminated;reason=noresource")
            case "BYE":
                self._transmit(reply(request, "200 OK", tag=self._tag))
                self.ended.set()
            case _:
                self._transmit(reply(request, "200 OK", tag=self._tag))

    def _notify(self, sipfrag: str, state: str) -> None:
        """Reports about the transfer we were asked for (RFC 3515 §2.4.4): it always succeeds."""
        self._cseq += 1
        headers = (("event", "refer"), ("subscription-state", state))
        content = ("content-type", "message/sipfrag")
        self._transmit(self._request("NOTIFY", self._contact, headers, content, sipfrag + "\r\n"))
