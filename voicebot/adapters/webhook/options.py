"""Where messages of flows may go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class NotifyTarget:
    """One receiver: a webhook of another system, or the HTTP interface of an SMS gateway.

    Args:
        url: where a message is posted, http or https.
        secret: key of the signature; without one messages are not signed.
        timeout: seconds for one try.
        tries: how often a message is tried.
    """

    url: str
    secret: str = field(default="", repr=False)
    timeout: float = 5.0
    tries: int = 4

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError("url 应以 http:// 或 https:// 开头")
        if self.timeout <= 0 or self.tries < 1:
            raise ValueError("timeout 应大于0，tries 至少是1")


@dataclass(frozen=True, slots=True)
class NotifyOptions:
    """Messages of flows (`notify` steps).

    Args:
        targets: name used in flows → receiver: ``url``, ``secret`` (key of the signature), ``timeout``
            (seconds for one try, 5), ``tries`` (4). Flow files hold names only.
    """

    targets: Mapping[str, NotifyTarget] = field(default_factory=lambda: MappingProxyType({}))
