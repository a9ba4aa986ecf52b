"""Rendered clauses on disk: found again by what made them, limited in size, least used go first."""

import asyncio
import contextlib
import hashlib
import os
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import structlog

from voicebot.adapters.tts.voices import VERSIONS, Rendered
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.speech.keys import cache_key
from voicebot.speech.ports import VoiceSettings

_log = structlog.get_logger(__name__)

_HEAD: Final = struct.Struct("<4sII32s")
"""Magic, rate in Hz, bytes of sound, sha256 of the sound."""
_MAGIC: Final = b"VBC1"


class Renderer(Protocol):
    async def render(
        self, text: str, settings: VoiceSettings, *, background: bool = False, public: bool = False
    ) -> Rendered: ...


class DiskCache:
    """Files under `folder`, at most `limit` bytes; all methods block, any thread may call them.

    Several processes may share the folder: files appear and vanish whole.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        self._sizes: OrderedDict[str, int] | None = None
        self._used: set[str] = set()
        """Keys stored or found since we opened the folder."""

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.vbc"

    def get(self, key: str) -> AudioChunk | None:
        """The sound, or None when it is not there or not whole (a damaged file is removed)."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        chunk = _unpack(data)
        if chunk is None:
            _log.warning("tts.cache_damaged", key=key)
            path.unlink(missing_ok=True)
            with self._lock:
                self._index().pop(key, None)
            return None
        with self._lock:
            self._use(key, len(data))
        with contextlib.suppress(OSError):  # evicted by another process meanwhile
            os.utime(path)
        return chunk

    def put(self, key: str, chunk: AudioChunk, *, spare: bool = False) -> bool:
        """Stores the sound; a full disk costs the cache entry, nothing else.

        Args:
            spare: only where nothing in use has to go for it.

        Returns:
            False when there was no room for what is `spare`.
        """
        if spare and not self._room(_HEAD.size + len(chunk.pcm)):
            return False
        path = self._path(key)
        part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        data = _HEAD.pack(_MAGIC, chunk.rate, len(chunk.pcm), hashlib.sha256(chunk.pcm).digest()) + chunk.pcm
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(path)
        except OSError as error:
            _log.warning("tts.cache_write_failed", error=str(error))
            with contextlib.suppress(OSError):
                part.unlink()
            return True
        with self._lock:
            self._use(key, len(data))
            self._evict(self._index())
        return True

    def _use(self, key: str, size: int) -> None:
        index = self._index()
        index[key] = size
        index.move_to_end(key)
        self._used.add(key)

    def _room(self, size: int) -> bool:
        """Would `size` bytes more push out nothing but what has not been used since we opened?"""
        with self._lock:
            in_use = sum(size for key, size in self._index().items() if key in self._used)
        return in_use + size <= self._limit

    def _evict(self, index: OrderedDict[str, int]) -> None:
        total = sum(index.values())
        while total > self._limit and len(index) > 1:
            oldest, size = index.popitem(last=False)
            total -= size
            self._used.discard(oldest)
            self._path(oldest).unlink(missing_ok=True)

    def _index(self) -> OrderedDict[str, int]:
        """Key → bytes, least recently used first; read from the folder once."""
        if self._sizes is None:
            found = []
            for path in self._folder.glob("*/*.vbc"):
                try:
                    stat = path.stat()
                except OSError:  # evicted by another process meanwhile
                    continue
                found.append((stat.st_mtime, path.stem, stat.st_size))
            self._sizes = OrderedDict((key, size) for _, key, size in sorted(found))
        return self._sizes


def _unpack(data: bytes) -> AudioChunk | None:
    if len(data) < _HEAD.size:
        return None
    magic, rate, size, digest = _HEAD.unpack_from(data)
    pcm = data[_HEAD.size :]
    if magic != _MAGIC or len(pcm) != size or hashlib.sha256(pcm).digest() != digest:
        return None
    return AudioChunk(pcm, rate)


class CachedSynthesizer:
    """Implements `speech.ports.Synthesizer`: from the cache, else rendered and kept.

    What a fallback engine made is kept under its own name, so that the preferred voice comes back;
    it is looked for when no engine can be had.

    Args:
        engine, voice: what an empty `VoiceSettings.engine` or `voice` means (`TtsOptions`).
        fallbacks: the other engines.
        versions: of the engines, see `versions_of`.
        fixed: tells the clauses that are the same in every call (`speech.fixed`): only they may leave
            the host, and unless `keep_all` only they are kept. None: nothing is known of them, all are
            kept.
    """

    def __init__(
        self,
        inner: Renderer,
        cache: DiskCache,
        *,
        engine: str,
        voice: str = "",
        fallbacks: Iterable[str] = (),
        versions: Mapping[str, str] = VERSIONS,
        fixed: Callable[[str], bool] | None = None,
        keep_all: bool = False,
    ) -> None:
        self._inner = inner
        self._cache = cache
        self._engine = engine
        self._voice = voice
        self._fallbacks = tuple(fallbacks)
        self._versions = versions
        self._fixed = fixed
        self._keep_all = keep_all or fixed is None
        self.full = False
        """The cache had no room for a background clause."""

    async def synthesise(self, text: str, settings: VoiceSettings) -> AudioChunk:
        return await self.prepare(text, settings, background=False)

    async def prepare(self, text: str, settings: VoiceSettings, *, background: bool = True) -> AudioChunk:
        """As `synthesise`; a `background` clause gives way to those of calls."""
        own = self._voice if settings.engine in ("", self._engine) else ""
        wanted = replace(settings, engine=settings.engine or self._engine, voice=settings.voice or own)
        kept = await asyncio.to_thread(self._cache.get, self._key(text, wanted))
        if kept is not None:
            return kept
        public = self._fixed is not None and self._fixed(text)
        try:
            made = await self._inner.render(text, wanted, background=background, public=public)
        except VoicebotError:
            if (kept := await asyncio.to_thread(self._by_another, text, wanted)) is not None:
                return kept
            raise
        if public or self._keep_all:
            by = wanted if made.engine == wanted.engine else replace(wanted, engine=made.engine, voice="")
            put = partial(self._cache.put, spare=background)
            self.full = not await asyncio.to_thread(put, self._key(text, by), made.audio)
        return made.audio

    def _by_another(self, text: str, wanted: VoiceSettings) -> AudioChunk | None:
        """What another engine made of it once."""
        others = (replace(wanted, engine=name, voice="") for name in (self._engine, *self._fallbacks))
        found = (self._cache.get(self._key(text, other)) for other in others if other != wanted)
        return next((chunk for chunk in found if chunk is not None), None)

    def _key(self, text: str, settings: VoiceSettings) -> str:
        return cache_key(text, settings, self._versions.get(settings.engine, "?"))
