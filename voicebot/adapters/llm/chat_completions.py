"""`POST …/chat/completions`, as OpenAI, vLLM, llama.cpp and Ollama serve it. JSON out, no streaming."""

import asyncio
import ipaddress
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from voicebot import __version__
from voicebot.adapters.llm.options import LlmOptions
from voicebot.adapters.nearby import addresses_of, is_near
from voicebot.core.errors import VoicebotError
from voicebot.understanding.assist import Prompt

LARGEST: Final = 65_536
"""Bytes of a reply that are read."""


class ChatCompletions:
    """Implements `voicebot.calls.helper.LanguageModel`.

    The name of the server is looked up here and connected to as found, so that a name that changes leads
    nowhere that was not allowed. Proxies of the environment and redirects are not followed.
    """

    def __init__(self, options: LlmOptions) -> None:
        self._options = options
        self._url = httpx.URL(options.url.rstrip("/") + "/chat/completions")
        self._address = ""
        self._client: httpx.AsyncClient | None = None
        self._plain_json = True
        """The server takes `response_format`; some refuse it."""

    @property
    def private(self) -> bool:
        """The server is named by a loopback address; another name may lead elsewhere one day."""
        return self._url.host == "localhost" or _is_loopback(self._url.host)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ChatCompletions"]:
        """Connections are kept open while inside."""
        limits = httpx.Limits(max_connections=self._options.at_once, keepalive_expiry=60.0)
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False, limits=limits) as client:
            self._client = client
            try:
                yield self
            finally:
                self._client = None

    async def complete(self, prompt: Prompt) -> str:
        """See `LanguageModel.complete`; its caller limits the time."""
        assert self._client is not None, "used outside of running()"
        request = self._request(self._client, prompt, await self._found())
        try:
            answer = await self._client.send(request, stream=True)
            try:
                body = await _read(answer)
            finally:
                await answer.aclose()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._address = ""  # it may have moved
            message = f"language model: {type(error).__name__}"
            raise VoicebotError("llm.unreachable", message, retryable=True) from error
        if answer.status_code != httpx.codes.OK:
            if answer.status_code == httpx.codes.BAD_REQUEST and self._plain_json:
                self._plain_json = False
            retryable = answer.status_code >= 500 or answer.status_code == 429
            message = f"language model answered {answer.status_code}"
            raise VoicebotError("llm.refused", message, retryable=retryable)
        return _content(body)

    async def _found(self) -> str:
        """The address that is connected to."""
        if not self._address:
            self._address = await asyncio.to_thread(_allowed_address, self._options)
        return self._address

    def _request(self, client: httpx.AsyncClient, prompt: Prompt, address: str) -> httpx.Request:
        body: dict[str, Any] = {
            "model": self._options.model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            "temperature": 0,
            "max_tokens": prompt.most,
            "stream": False,
        }
        if self._plain_json:
            body["response_format"] = {"type": "json_object"}
        headers = {"User-Agent": f"voicebot/{__version__}", "Host": self._url.netloc.decode()}
        if self._options.key:
            headers["Authorization"] = f"Bearer {self._options.key}"
        return client.build_request(
            "POST",
            self._url.copy_with(host=address),
            json=body,
            headers=headers,
            timeout=None,
            extensions={"sni_hostname": self._url.host},
        )


async def _read(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > LARGEST:
            raise VoicebotError("llm.too_long", f"language model: more than {LARGEST} bytes")
    return bytes(body)


def _content(body: bytes) -> str:
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise VoicebotError("llm.broken", "language model: no chat completion") from error
    if not isinstance(content, str):
        raise VoicebotError("llm.broken", "language model: a reply without text")
    return content


def check_place(options: LlmOptions) -> None:
    """Looks the server up, without asking it anything.

    Raises:
        VoicebotError: ``llm.remote`` (not ours, and not allowed), ``llm.unreachable`` (no such name).
    """
    if options.on:
        _allowed_address(options)


def _allowed_address(options: LlmOptions) -> str:
    url = httpx.URL(options.url)
    try:
        address = addresses_of(url.host, url.port or 443)[0]
    except OSError as error:
        message = f"找不到语言模型服务器 {url.host}。处理办法：改正设置 llm.url，或清空它（不用模型）"
        raise VoicebotError("llm.unreachable", message, retryable=True) from error
    if not options.allow_remote and not is_near(address):
        raise VoicebotError(
            "llm.remote",
            f"语言模型服务器 {url.host}（{address}）不在本机或内网，来电人说的话不能送出。"
            "处理办法：改用本机或内网的服务器；确实允许送出时，把设置 llm.allow_remote 设为 true",
        )
    return address


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
