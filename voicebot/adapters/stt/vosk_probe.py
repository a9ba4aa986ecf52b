"""``python -m voicebot.adapters.stt.vosk_probe DIR``: exit 0 when the model loads and decodes silence."""

import sys
from pathlib import Path

from voicebot.adapters.stt.vosk import VoskEngine
from voicebot.core.errors import VoicebotError

if __name__ == "__main__":
    try:
        VoskEngine(Path(sys.argv[1]))
    except VoicebotError as error:
        sys.stderr.write(f"Error {error}\n")
        sys.exit(1)
