"""Subjects: dotted words, and patterns over them."""


def matches(pattern: str, subject: str) -> bool:
    """Whether `subject` falls under `pattern` (``*`` one word, ``>`` one or more at the end)."""
    wanted, words = pattern.split("."), subject.split(".")
    for index, word in enumerate(wanted):
        if word == ">":
            return index == len(wanted) - 1 and len(words) > index
        if index >= len(words) or word not in ("*", words[index]):
            return False
    return len(words) == len(wanted)
