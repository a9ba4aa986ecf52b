"""Settings: `voicebot.toml` (or the file in `VOICEBOT_CONFIG`), then the environment `VOICEBOT_…`.

A section is the frozen options dataclass of the room or adapter it belongs to; nested names are
joined by two underscores, e.g. ``VOICEBOT_STT__VOSK_MODEL``.
"""
