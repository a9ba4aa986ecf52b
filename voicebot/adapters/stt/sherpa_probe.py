"""``python -m voicebot.adapters.stt.sherpa_probe OPTIONS``: exit 0 when the model loads and decodes.

OPTIONS is a JSON object with the members of `SherpaOptions`. A process of its own, because the
library ends the process over a model it does not like.
"""

import json
import sys

from voicebot.adapters.stt.options import SherpaOptions
from voicebot.adapters.stt.sherpa import SherpaEngine
from voicebot.core.errors import VoicebotError

if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    try:
        SherpaEngine(SherpaOptions(**{**asked, "hotwords": tuple(asked["hotwords"])}))
    except VoicebotError as error:
        sys.stderr.write(f"{error.message}\n")
        sys.exit(1)
