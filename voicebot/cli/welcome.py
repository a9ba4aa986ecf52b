"""What `voicebot serve` tells the person who started it."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voicebot.adapters.supervisor import Happening, PartEvent
from voicebot.adapters.supervisor.keeper import how_it_ended
from voicebot.operations.ports import PartStatus
from voicebot.settings import HttpOptions

RULE: Final = "─" * 72
FALLBACK: Final = "fallback"
"""A recognition note that holds this word is shouted."""

ROLES: Final = {
    "line": "电话 line",
    "web": "网页 web",
    "recognition": "识别 recognition",
    "synthesis": "合成 synthesis",
    "nats": "总线 bus",
}


@dataclass(frozen=True, slots=True)
class Welcome:
    """Where to call and how to log in.

    Args:
        sip: ``host:port`` that the line listens on.
        password: of the account ``admin`` when it was just made up, else None.
    """

    sip: str
    http: HttpOptions
    password: str | None
    seconds: float
    parts: Sequence[PartStatus]

    def text(self, machine: str) -> str:
        """For the terminal; others reach this machine at the address `machine`."""
        sip_host, _, sip_port = self.sip.rpartition(":")
        lines = [
            RULE,
            f"热线已就绪，用时 {self.seconds:.1f} 秒 · The hotline is ready",
            f"  电话 call   sip:12345@{_reach(sip_host, machine)}:{sip_port}",
            *(f"  网页 page   {url}call" for url in self._pages(machine)),
            *(f"  登录 log in {url}  账号 account: admin" for url in self._pages(machine)[:1]),
        ]
        if self.password is not None:
            lines.append(f"  密码 password: {self.password}  （只显示这一次，请记下 · shown only now）")
        else:
            lines.append("  忘记密码 forgot it: voicebot account add <名字 name> --role admin")
        lines += [f"  {ROLES.get(part.name, part.name)}: {part.note}" for part in self.parts if part.note]
        lines += [RULE, *self._warning()]
        return "\n".join(lines)

    def _pages(self, machine: str) -> list[str]:
        http = self.http
        reach = _reach(http.host, machine)
        pages = [f"https://{reach}:{http.https_port}/"] if http.https_port else []
        # a browser gives a microphone to plain http only on the machine itself
        if http.port:
            pages.append(f"http://{'127.0.0.1' if pages and reach == machine else reach}:{http.port}/")
        return pages

    def _warning(self) -> list[str]:
        notes = [part.note for part in self.parts if part.name == "recognition" and FALLBACK in part.note]
        if not notes:
            return []
        bang = "!" * 72
        return [
            bang,
            f"!! 语音识别用的是后备模型，不是 Vosk：{notes[0]}",
            "!! 识别较慢、错字较多。指定 Vosk 普通话模型目录：VOICEBOT_STT__VOSK_MODEL=…",
            "!! Recognition runs on the fallback model, not on Vosk; see docs/configuration.md.",
            bang,
        ]


def describe(event: PartEvent) -> str:
    """One line about something that happened to a part."""
    name = ROLES.get(event.part, event.part)
    match event.what:
        case Happening.STARTING:
            return f"{name}: 启动 starting (pid {event.pid})"
        case Happening.READY:
            return f"{name}: 就绪 ready ({event.seconds:.1f} s)"
        case Happening.LATE:
            return f"{name}: 运行 {event.seconds:.0f} 秒仍未就绪 still not ready"
        case Happening.HUNG:
            return f"{name}: 没有反应，强制重启 hung (pid {event.pid})"
        case Happening.RENEWING:
            return f"{name}: 换上新进程，通话不受影响 renewing (pid {event.pid})"
        case Happening.ENDED:
            return f"{name}: 意外退出 ended ({how_it_ended(event.code or 0)}, {event.seconds:.0f} s)"
        case Happening.WAITING:
            return f"{name}: {event.seconds:g} 秒后重启 restarting in {event.seconds:g} s"
        case Happening.STOPPING:
            return f"{name}: 正在停止 stopping"
        case Happening.KILLED:
            return f"{name}: 没有按时停止，强制结束 killed"
        case Happening.STOPPED:
            return f"{name}: 已停止 stopped ({how_it_ended(event.code or 0)})"


def machine_address() -> str:
    """The address this machine would use towards others; loopback when it has no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: never answers; nothing is sent by this
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
        return address


def _reach(host: str, machine: str) -> str:
    return machine if host in ("", "0.0.0.0", "::") else host
