"""Streets of the gazetteer with their districts."""

from voicebot.understanding.gazetteer import streets

TEXT = """city: 云江市
districts:
  - {name: 云湖区, also: 云湖, streets: 翠湖街道 望湖街道, communities: "", roads: "", places: ""}
  - {name: 柳河县, also: 柳河, streets: 石桥镇, communities: "", roads: "", places: ""}
"""


def test_each_street_has_its_district() -> None:
    found = streets({"kb/gazetteer.yaml": TEXT})
    assert found == {"翠湖街道": "云湖区", "望湖街道": "云湖区", "石桥镇": "柳河县"}


def test_a_wrong_or_missing_file_says_nothing() -> None:
    assert streets({}) is None
    assert streets({"kb/gazetteer.yaml": "districts: 3\n"}) is None
