"""Figures of the web process as Prometheus text (exposition format 0.0.4)."""

from collections import Counter
from collections.abc import Sequence

from voicebot.web.ports import PartStatus


class Metrics:
    """Counts; no label ever carries a number, a name or an id."""

    def __init__(self) -> None:
        self._requests: Counter[str] = Counter()
        self.sign_ins_failed = 0
        self.sockets_open = 0
        self.sockets_refused = 0

    def request(self, status: int) -> None:
        self._requests[f"{status // 100}xx"] += 1

    def render(self, parts: Sequence[PartStatus]) -> str:
        lines = [
            *_family("voicebot_http_requests_total", "counter", "HTTP requests by class of status"),
            *(f'voicebot_http_requests_total{{status="{k}"}} {n}' for k, n in sorted(self._requests.items())),
            *_family("voicebot_sign_in_failures_total", "counter", "Refused sign-ins"),
            f"voicebot_sign_in_failures_total {self.sign_ins_failed}",
            *_family("voicebot_web_sockets_open", "gauge", "WebSocket calls being relayed"),
            f"voicebot_web_sockets_open {self.sockets_open}",
            *_family("voicebot_web_sockets_refused_total", "counter", "WebSocket calls not let in"),
            f"voicebot_web_sockets_refused_total {self.sockets_refused}",
            *_family("voicebot_part_ready", "gauge", "1 when this part of the hotline is ready"),
            *(f'voicebot_part_ready{{part="{_escape(p.name)}"}} {int(p.ready)}' for p in parts),
        ]
        return "\n".join(lines) + "\n"


def _family(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
