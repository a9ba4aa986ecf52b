"""A PJSIP softphone in a process of its own (pjsua2 is one per process, and its objects must end in
order). Reads JSON commands from stdin, one a line, and writes JSON events to stdout.

Commands: ``{"do": "call", "uri", "play", "record"}``, ``answer`` (the ringing call; same files),
``say`` (``play``), ``digits`` (``keys``), ``hold``, ``resume``, ``hang_up``, ``quit``. ``play`` may be
null in calls: silence.
Events: ``{"event": "ready", "port"}``, ``state`` (``state``, ``status``), ``media`` (``held``),
``incoming`` (``from``, ``message``), ``digit`` (``key``), ``transfer`` (``to``), ``registered``
(``status``), ``failed`` (``error``); each with ``at``, a monotonic time.
"""

import json
import os
import queue
import sys
import threading
import time
from typing import Any

import pjsua2 as pj

COMMANDS: "queue.Queue[dict[str, Any]]" = queue.Queue(maxsize=100)


EVENTS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # PJSIP prints to stdout before it can be told not to


def tell(event: str, **facts: object) -> None:
    EVENTS.write(json.dumps({"event": event, "at": time.monotonic(), **facts}) + "\n")


class Phone(pj.Account):  # type: ignore[misc]
    """The one account."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__()
        self.options = options
        self.current: Call | None = None
        self.over: list[Call] = []
        """pjsua2 must not free a call inside its own callback."""

    def onIncomingCall(self, prm: Any) -> None:
        call = Call(self, prm.callId)
        info = call.getInfo()
        if self.current is not None:
            busy = pj.CallOpParam()
            busy.statusCode = 486
            call.hangup(busy)
            self.over.append(call)
            return
        self.current = call
        tell("incoming", **{"from": info.remoteUri, "message": prm.rdata.wholeMsg})
        code = self.options.get("incoming")
        op = pj.CallOpParam()
        op.statusCode = code or 180
        if op.statusCode >= 300:
            call.hangup(op)
        elif op.statusCode != 200:
            call.answer(op)
        else:
            call.take(self.options.get("play"), self.options.get("record"))

    def onRegState(self, prm: Any) -> None:
        tell("registered", status=prm.code)


class Player(pj.AudioMediaPlayer):  # type: ignore[misc]
    """A file, played once."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.over = False
        self.createPlayer(path, pj.PJMEDIA_FILE_NO_LOOP)

    def onEof2(self) -> None:
        if not self.over:  # called again for every further frame
            self.over = True
            tell("played")


class Call(pj.Call):  # type: ignore[misc]
    def __init__(self, phone: Phone, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(phone, call_id)
        self.phone = phone
        self.play: str | None = None
        self.record: str | None = None
        self.player: Any = None
        self.recorder: Any = None

    def files(self, play: str | None, record: str | None) -> None:
        self.play, self.record = play, record

    def take(self, play: str | None, record: str | None) -> None:
        self.files(play, record)
        op = pj.CallOpParam()
        op.statusCode = 200
        self.answer(op)

    def onCallState(self, prm: Any) -> None:
        info = self.getInfo()
        tell("state", state=info.stateText, status=info.lastStatusCode)
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.player = self.recorder = None
            if self.phone.current is self:
                self.phone.current = None
            self.phone.over.append(self)

    def onCallMediaState(self, prm: Any) -> None:
        info = self.getInfo()  # must outlive its list of media
        audio = [media.status for media in info.media if media.type == pj.PJMEDIA_TYPE_AUDIO]
        tell("media", held=pj.PJSUA_CALL_MEDIA_LOCAL_HOLD in audio)
        if pj.PJSUA_CALL_MEDIA_ACTIVE not in audio:
            return
        media = self.getAudioMedia(-1)
        if self.play and self.player is None:
            self.player = Player(self.play)
        if self.record and self.recorder is None:
            self.recorder = pj.AudioMediaRecorder()
            self.recorder.createRecorder(self.record)
        if self.player is not None:
            self.player.startTransmit(media)
        if self.recorder is not None:
            media.startTransmit(self.recorder)

    def say(self, path: str) -> None:
        media = self.getAudioMedia(-1)
        if self.player is not None:
            self.player.stopTransmit(media)
        self.player = Player(path)
        self.player.startTransmit(media)

    def onDtmfDigit(self, prm: Any) -> None:
        tell("digit", key=prm.digit)

    def onCallTransferRequest(self, prm: Any) -> None:
        tell("transfer", to=prm.dstUri)
        prm.statusCode = self.phone.options["refer"]


def endpoint(options: dict[str, Any]) -> tuple[Any, int]:
    end = pj.Endpoint()
    end.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 0
    config.medConfig.clockRate = 8000
    config.medConfig.ecTailLen = 0
    config.medConfig.noVad = True
    config.uaConfig.threadCnt = 1
    end.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = "127.0.0.1"
    transport.port = options.get("port", 0)
    kind = pj.PJSIP_TRANSPORT_TCP if options.get("transport") == "tcp" else pj.PJSIP_TRANSPORT_UDP
    made = end.transportCreate(kind, transport)
    end.libStart()
    end.audDevManager().setNullDev()
    for codec in end.codecEnum2():
        wanted = options.get("codecs", ["PCMA", "PCMU"])
        name = codec.codecId.split("/")[0]
        end.codecSetPriority(codec.codecId, 255 - wanted.index(name) if name in wanted else 0)
    port = int(end.transportGetInfo(made).localName.rsplit(":", 1)[1].rstrip(")"))
    return end, port


def account(options: dict[str, Any], port: int) -> Phone:
    config = pj.AccountConfig()
    config.idUri = f"sip:{options.get('user', '13800138000')}@127.0.0.1:{port}"
    config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    config.mediaConfig.transportConfig.port = options["media_port"]
    phone = Phone(options)
    phone.create(config)
    return phone


def obey(phone: Phone, command: dict[str, Any]) -> None:
    op = pj.CallOpParam(True)
    call = phone.current
    match command["do"]:
        case "call":
            phone.current = made = Call(phone)
            made.files(command.get("play"), command.get("record"))
            for name, value in command.get("headers", {}).items():
                header = pj.SipHeader()
                header.hName, header.hValue = name, value
                op.txOption.headers.append(header)
            made.makeCall(command["uri"], op)
        case "answer" if call:
            call.take(command.get("play"), command.get("record"))
        case "say" if call:
            call.say(command["play"])
        case "digits" if call:
            call.dialDtmf(command["keys"])
        case "hold" if call:
            call.setHold(op)
        case "resume" if call:
            op.opt.flag = pj.PJSUA_CALL_UNHOLD
            call.reinvite(op)
        case "hang_up" if call:
            call.hangup(pj.CallOpParam(True))
        case _:
            tell("failed", error=f"no call for {command['do']}")


def read() -> None:
    for line in sys.stdin:
        COMMANDS.put(json.loads(line))
    COMMANDS.put({"do": "quit"})  # the test is gone


def main() -> None:
    options = json.loads(sys.argv[1])
    end, port = endpoint(options)
    phone = account(options, port)
    threading.Thread(target=read, daemon=True).start()
    tell("ready", port=port)
    while (command := COMMANDS.get())["do"] != "quit":
        try:
            obey(phone, command)
        except pj.Error as error:
            tell("failed", error=error.info())
    end.hangupAllCalls()
    time.sleep(0.2)
    tell("bye")
    os._exit(0)  # pjsua2's destructors run in an order that Python does not promise


main()
