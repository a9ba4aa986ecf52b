"""Which language model helps, where it is and how long it may take."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class LlmOptions:
    """A language model that helps where understanding is in doubt. Optional; no answer comes from it.

    Args:
        url: base URL of an OpenAI-compatible server, e.g. ``http://127.0.0.1:8000/v1``. Without one no model
            is used.
        model: its name at the server.
        key: of the server, if it wants one.
        timeout_ms: milliseconds of one request; after them the result without the model stands.
        allow_remote: the callers' words, without numbers and names, may go to a server outside this host and
            its private network. Otherwise such a server is refused at the start.
        at_once: requests under way at the same time; further ones are not made.
        failures: so many requests in a row that fail, and the server is left alone for a while.
        rest_s: that while in seconds; then one request tries it again.
    """

    url: str = ""
    model: str = ""
    key: str = field(default="", repr=False)
    timeout_ms: int = 800
    allow_remote: bool = False
    at_once: int = 4
    failures: int = 3
    rest_s: float = 30.0

    def __post_init__(self) -> None:
        if not self.url:
            return
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("url 应是 http:// 或 https:// 开头的地址，如 http://127.0.0.1:8000/v1")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("url 里不能有密码或参数，密钥请写在 llm.key")
        if not self.model:
            raise ValueError("写了 url 就要写 model（服务器上的模型名）")
        if self.timeout_ms <= 0 or self.at_once < 1 or self.failures < 1 or self.rest_s < 0:
            raise ValueError("timeout_ms、at_once、failures 应大于0，rest_s 不能小于0")

    @property
    def on(self) -> bool:
        return bool(self.url)
