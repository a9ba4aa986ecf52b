"""``python -m voicebot.adapters.worker stt|tts SOCKET [--models DIR]``: a worker by hand, for trials
and tests; in production the supervisor calls the same functions with the settings' options."""

import argparse
import asyncio
import sys
from pathlib import Path

from pydantic import TypeAdapter

from voicebot.core.errors import VoicebotError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m voicebot.adapters.worker")
    parser.add_argument("kind", choices=["stt", "tts"])
    parser.add_argument("socket", type=Path)
    parser.add_argument("--models", type=Path, default=Path("data/models"))
    parser.add_argument("--vosk-model", default="")
    parser.add_argument(
        "--options", default="", help="SttOptions or TtsOptions as JSON, instead of the others"
    )
    asked = parser.parse_args()
    try:
        if asked.kind == "stt":
            from voicebot.adapters.stt.options import SttOptions
            from voicebot.adapters.stt.worker import serve_recognition

            stt = SttOptions(vosk_model=asked.vosk_model, models=asked.models)
            if asked.options:
                stt = TypeAdapter(SttOptions).validate_json(asked.options)
            asyncio.run(serve_recognition(stt, asked.socket))
        else:
            from voicebot.adapters.tts.options import TtsOptions
            from voicebot.adapters.tts.worker import serve_synthesis

            tts = TtsOptions(models=asked.models)
            if asked.options:
                tts = TypeAdapter(TtsOptions).validate_json(asked.options)
            asyncio.run(serve_synthesis(tts, asked.socket))
    except VoicebotError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
