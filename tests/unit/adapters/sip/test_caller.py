"""Who calls and whom they dialled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.sip.caller import LONGEST, caller, dialled, number


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        ("sip:13800138000@10.0.0.1", "13800138000"),
        ('"张三" <sip:13800138000@10.0.0.1>;tag=1', "13800138000"),
        ('"sip:110@x" <sip:13800138000@10.0.0.1>;tag=1', "13800138000"),
        ("<sip:+8613800138000@sbc;user=phone>;tag=1", "13800138000"),
        ("<sip:008613800138000@sbc>", "13800138000"),
        ("<tel:+86-10-8888-0000;phone-context=x>", "01088880000"),
        ("<tel:+86 >", ""),
        ("<sip:+85212345678@sbc>", "0085212345678"),
        ("<sip:02112345@sbc>", "02112345"),
        ("<sip:+8602112345@sbc>", "02112345"),
        ("<sip:13800138000:password@sbc>", "13800138000"),
        ("<sips:12345@sbc>", "12345"),
        ("SIP:12345@sbc", "12345"),
        ("<sip:anonymous@anonymous.invalid>", ""),
        ("<sip:Anonymous@sbc>", ""),
        ("<sip:13800138000@anonymous.invalid>", ""),
        ("<sip:Restricted@sbc>", ""),
        ("<sip:alice@sbc>", ""),
        ("<sip:alice7@sbc>", ""),
        ("<sip:sbc.example>", ""),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_number(value: str, digits: str) -> None:
    assert number(value) == digits


@given(st.text(max_size=200))
def test_any_text_gives_digits(value: str) -> None:
    found = number(value)
    assert len(found) <= LONGEST
    assert found == "".join(character for character in found if character in "0123456789")


def test_assertion_counts_from_trusted_trunks_only() -> None:
    from_, asserted = "<sip:13800138000@x>", "<sip:13900139000@sbc>"
    assert caller(from_, asserted, "", trusted=True) == "13900139000"
    assert caller(from_, asserted, "", trusted=False) == "13800138000"
    assert caller("<sip:anonymous@anonymous.invalid>", asserted, "", trusted=True) == "13900139000"
    assert caller(from_, asserted, "id;critical", trusted=True) == ""
    assert caller(from_, asserted, "none", trusted=True) == "13900139000"
    assert caller(from_, "", "", trusted=True) == "13800138000"
    assert caller(from_, "<sip:trunk@sbc>", "", trusted=True) == "13800138000"


def test_the_request_uri_comes_before_to() -> None:
    assert dialled("sip:12345@10.0.0.1:5060", "<sip:021-12345@city>") == "12345"
    assert dialled("sip:agent-Lpjn@10.0.0.1", "<sip:12345@city>") == "12345"
    assert dialled("", "<sip:12345@city>") == "12345"
    assert dialled("sip:agent@10.0.0.1", "<sip:agent@city>") == ""
