"""Streets and districts of the gazetteer, for whoever needs no other names of places."""

from collections.abc import Mapping

from voicebot.core.marked_yaml import read_yaml, validate
from voicebot.core.problem import ContentError
from voicebot.understanding.schema import GazetteerFile


def streets(lexicons: Mapping[str, str]) -> Mapping[str, str] | None:
    """Street or town → its district; None when the file is missing or wrong, which `load_lexicon` tells.

    Args:
        lexicons: path → text; read is ``gazetteer.yaml``.
    """
    for path, text in lexicons.items():
        if path.rsplit("/", 1)[-1] == "gazetteer.yaml":
            try:
                districts = validate(read_yaml(path, text), GazetteerFile).districts
            except ContentError:
                return None
            return {street: district.name for district in districts for street in district.streets.split()}
    return None
