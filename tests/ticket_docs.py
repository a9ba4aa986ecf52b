"""Writes the tables and the diagram of docs/tickets.md from the rules of the life cycle.

    python -m tests.ticket_docs

tests/unit/tickets/test_ticket_docs.py fails while the file says something else.
"""

from collections import defaultdict
from pathlib import Path
from typing import Final

from voicebot.tickets.guards import Need
from voicebot.tickets.rejection import GROUNDS
from voicebot.tickets.roles import MACHINES, ROLES
from voicebot.tickets.rules import RULES
from voicebot.tickets.state import FINAL, FINISHED, OPEN, State
from voicebot.tickets.ticket import TicketAction

PAGE: Final = Path(__file__).parents[1] / "docs" / "tickets.md"
BEGIN: Final = "<!-- rules: written by python -m tests.ticket_docs -->\n"
END: Final = "<!-- end of rules -->\n"
_BIRTHS: Final = (TicketAction.DRAFT, TicketAction.ACCEPT)
_GROUPS: Final = ((OPEN, "any open"), (FINISHED, "any finished"), (FINAL, "any ended"))


def rules() -> str:
    """Everything between the marks."""
    return "\n".join((diagram(), actions(), roles(), reasons()))


def diagram() -> str:
    """The moves that change the state; one arrow for all that lead the same way."""
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for action, rule in RULES.items():
        if rule.target is None or action is TicketAction.EXTEND:
            continue
        anywhere = rule.sources >= OPEN
        sources = ["open"] if anywhere else []
        sources += sorted(state.value for state in (rule.sources - OPEN if anywhere else rule.sources))
        for source in sources or ["[*]"]:
            arrows[source, rule.target.value].append(rule.name)
    arrows["[*]", "accepted"].append(RULES[TicketAction.ACCEPT].name)
    arrows["merged", "open"].append(RULES[TicketAction.UNMERGE].name)
    arrows["archived", "[*]"] = []
    drawn = {ends: f"{ends[0]} --> {ends[1]}{_words(names)}" for ends, names in arrows.items()}
    inner = {ends: line for ends, line in drawn.items() if OPEN.issuperset(ends)}
    names_of = {state: f"{state.value} : {state.value} {state.label}" for state in State}
    opened = [*(names_of[state] for state in State if state in OPEN), *inner.values()]
    lines = [f"    {names_of[state]}" for state in State if state not in OPEN]
    lines += ["    state open {", *(f"        {line}" for line in opened), "    }"]
    lines += [f"    {line}" for ends, line in drawn.items() if ends not in inner]
    return "### States\n\n```mermaid\nstateDiagram-v2\n" + "\n".join(lines) + "\n```\n"


def _words(names: list[str]) -> str:
    return f" : {'、'.join(names)}" if names else ""


def actions() -> str:
    """Every action; retired ones are left out."""
    head = (
        "### Actions\n\n"
        "| action | name | from | to | takes (may also take) | further conditions | tells the caller |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(_action(action) for action in RULES if action is not TicketAction.EXTEND)


def _action(action: TicketAction) -> str:
    rule = RULES[action]
    takes = [*(["reason"] if rule.reason else []), *(f"`{name}`" for name in rule.takes)]
    details = ", ".join(takes) + (f" ({', '.join(f'`{name}`' for name in rule.may)})" if rule.may else "")
    conditions = ", ".join(_spelt(guard) for guard in (*rule.needs, *rule.checks))
    target = rule.target.value if rule.target is not None else "stays"
    target = "state before the merger" if action is TicketAction.UNMERGE else target
    cells = (f"`{action.value}`", rule.name, _sources(action, rule.sources), target, details, conditions)
    return f"| {' | '.join(cells)} | {'yes' if rule.tells else ''} |\n"


def _spelt(guard: Need | object) -> str:
    return getattr(guard, "__name__", "").replace("_", " ")


def _sources(action: TicketAction, sources: frozenset[State]) -> str:
    if sources == frozenset(State):
        return "any"
    left, named = set(sources), ["birth"] if action in _BIRTHS else []
    for group, name in _GROUPS:
        if group <= left:
            named.append(name)
            left -= group
    return ", ".join((*named, *sorted(state.value for state in left)))


def roles() -> str:
    """Who may take which action."""
    head = "### Who may do what\n\n| who | actions |\n|---|---|\n"
    return head + "".join(_row(name, allowed) for name, allowed in (*ROLES.items(), *MACHINES.items()))


def _row(name: str, allowed: frozenset[TicketAction]) -> str:
    named = ", ".join(f"`{action}`" for action in RULES if action in allowed)
    return f"| `{name}` | {named or 'none'} |\n"


def reasons() -> str:
    """Codes of a refusal and what the caller is told."""
    head = "### Reasons not to accept\n\n| code | name | told to the caller |\n|---|---|---|\n"
    return head + "".join(
        f"| `{code}` | {ground.label} | {ground.told} |\n" for code, ground in GROUNDS.items()
    )


def split_page(text: str) -> tuple[str, str, str]:
    """What stands before, between and after the marks."""
    before, rest = text.split(BEGIN)
    inside, after = rest.split(END)
    return before, inside, after


if __name__ == "__main__":
    before, _, after = split_page(PAGE.read_text("utf-8"))
    PAGE.write_text(before + BEGIN + rules() + END + after, "utf-8")
