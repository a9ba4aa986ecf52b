"""Graph algorithms of the checker against what they are by definition."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.checking.circles import Node, components, parts
from voicebot.dialogue.checking.paths import reach

NODES = [("f", str(i)) for i in range(7)]
GRAPHS = st.fixed_dictionaries({node: st.lists(st.sampled_from(NODES), max_size=3) for node in NODES})


def reached(graph: dict[Node, list[Node]], node: Node) -> set[Node]:
    """By one or more ways out."""
    names = {f"{f}{n}": [f"{a}{b}" for a, b in following] for (f, n), following in graph.items()}
    return {(name[0], name[1:]) for name in reach(names, [f"{a}{b}" for a, b in graph[node]])}


@given(GRAPHS)
def test_parts_are_those_that_reach_one_another(graph: dict[Node, list[Node]]) -> None:
    found = list(components(graph))
    assert sorted(node for part in found for node in part) == sorted(NODES)
    where = {node: i for i, part in enumerate(found) for node in part}
    for a in NODES:
        for b in NODES:
            together = a == b or (b in reached(graph, a) and a in reached(graph, b))
            assert (where[a] == where[b]) == together


@given(GRAPHS)
def test_what_leads_nowhere_else_comes_first(graph: dict[Node, list[Node]]) -> None:
    where = {node: i for i, part in enumerate(components(graph)) for node in part}
    assert all(where[target] <= where[node] for node, following in graph.items() for target in following)


@given(GRAPHS)
def test_circles_are_what_comes_back_to_itself(graph: dict[Node, list[Node]]) -> None:
    looping = {node for part in parts(graph) for node in part}
    assert looping == {node for node in NODES if node in reached(graph, node)}


def test_a_long_chain_needs_no_recursion() -> None:
    chain = {("f", str(i)): [("f", str((i + 1) % 5000))] for i in range(5000)}
    (circle,) = parts(chain)
    assert len(circle) == 5000
