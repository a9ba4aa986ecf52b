"""Nothing personal reaches the log."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.logs.redact import HIDDEN, PHONES, SECRETS, TEXTS, mask_phone, redactor


def clean(event: dict[str, Any], *, texts: bool = False) -> dict[str, Any]:
    cleaned: dict[str, Any] = redactor(texts=texts)(None, "info", event)
    return cleaned


def test_known_keys() -> None:
    event = {"event": "call.opened", "caller": "13800138000", "address": "人民路1号", "said": "你好", "n": 3}
    assert clean(event) == {
        "event": "call.opened",
        "caller": "138****8000",
        "address": HIDDEN,
        "said": HIDDEN,
        "n": 3,
    }


def test_texts_may_be_wanted() -> None:
    assert clean({"said": "打 13800138000"}, texts=True) == {"said": "打 138****8000"}


def test_the_net_below() -> None:
    event = {"event": "from sip:13800138000@10.0.0.1", "exception": "bad id 11010519491231002X of ticket"}
    assert clean(event) == {
        "event": "from sip:138****8000@10.0.0.1",
        "exception": "bad id 110105********002X of ticket",
    }
    ticket = {"ticket_no": "20261124000072", "call_id": "20261124-093011-7f3a"}
    assert clean(ticket) == ticket


def test_empty_and_absent_stay_visible() -> None:
    assert clean({"caller": "", "address": None}) == {"caller": "", "address": None}


def test_short_numbers_are_hidden_whole() -> None:
    assert mask_phone("12345") == HIDDEN
    assert mask_phone("02012345678") == "020****5678"


personal = st.sampled_from(sorted(PHONES | SECRETS | TEXTS))
values = st.text("天地玄黄宇宙洪荒", min_size=9)


@given(
    st.recursive(
        st.dictionaries(personal, values, min_size=1, max_size=3),
        lambda inner: st.dictionaries(st.sampled_from(["a", "b"]), inner | st.lists(inner), max_size=3),
    )
)
def test_however_deep_it_lies(event: dict[str, Any]) -> None:
    cleaned = json.dumps(clean(event), ensure_ascii=False)
    assert all(value not in cleaned for value in _leaves(event))


def _leaves(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    members = value.values() if isinstance(value, dict) else value
    return [leaf for member in members for leaf in _leaves(member)]
