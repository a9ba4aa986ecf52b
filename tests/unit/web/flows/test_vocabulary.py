"""What the editor completes is what the checker takes."""

from voicebot.dialogue.schema import STEP_MODELS
from voicebot.web.flows.vocabulary import vocabulary


def test_every_kind_and_key_is_offered_with_its_meaning() -> None:
    words = vocabulary([("human", "转人工")])
    assert set(words["kinds"]) == set(words["steps"]) == set(STEP_MODELS)
    assert all(words["kinds"].values())
    unexplained = [
        f"{kind}.{key}" for kind, keys in words["steps"].items() for key, hint in keys.items() if not hint
    ]
    assert unexplained in ([], [f"{kind}.kind" for kind in STEP_MODELS])
    assert words["flows"] == [["human", "转人工"]]


def test_targets_and_fixed_values() -> None:
    words = vocabulary([])
    assert {"next", "yes", "otherwise", "start", "home"} <= set(words["targets"])
    assert "yes_no" in words["values"]["ask.expect"]
    assert {"return", "home", "hang_up"} <= set(words["values"]["end.then"])
    assert "create" in words["values"]["ticket.do"]
