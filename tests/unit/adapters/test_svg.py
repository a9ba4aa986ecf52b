"""Flows as SVG: valid, complete, and nothing lies on anything else."""

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as XML

import pytest
from click.testing import CliRunner

from tests.flows.caller import shipped_flows
from voicebot.adapters.drawing.svg import svg
from voicebot.cli.flow import command
from voicebot.core.ids import FlowName
from voicebot.dialogue.drawing import KINDS, WORDS, Arrow, Box, Drawing, drawing_of
from voicebot.dialogue.schema import STEP_MODELS, TARGETS, targets
from voicebot.dialogue.ways import ways

ROOT = Path(__file__).parents[3]
FLOWS = shipped_flows()
SVG = "{http://www.w3.org/2000/svg}"
Rectangle = tuple[float, float, float, float]


def rectangles(picture: XML.Element) -> dict[str, Rectangle]:
    """Step → left, top, right, bottom."""
    found = {}
    for group in picture.iter(f"{SVG}g"):
        if "step" in group.get("class", "").split():
            box = next(r for r in group.iter(f"{SVG}rect") if r.get("class") == "box")
            x, y, width, height = (float(box.get(name, "")) for name in ("x", "y", "width", "height"))
            found[group.get("data-step", "")] = (x, y, x + width, y + height)
    return found


def apart(a: Rectangle, b: Rectangle) -> bool:
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def on_border(point: tuple[float, float], box: Rectangle) -> bool:
    x, y = point
    inside = box[0] - 0.2 <= x <= box[2] + 0.2 and box[1] - 0.2 <= y <= box[3] + 0.2
    return inside and min(abs(x - box[0]), abs(x - box[2]), abs(y - box[1]), abs(y - box[3])) < 0.2


@pytest.mark.parametrize("name", FLOWS.flows)
def test_every_step_and_way_of_a_shipped_flow_is_there(name: str) -> None:
    flow = FLOWS.flows[FlowName(name)]
    picture = XML.fromstring(svg(drawing_of(flow)))
    boxes = rectangles(picture)
    assert set(boxes) == set(flow.nodes)
    assert all(apart(boxes[a], boxes[b]) for a, b in combinations(boxes, 2))
    drawn = {}
    for group in picture.iter(f"{SVG}g"):
        if "way" in group.get("class", "").split():
            line = next(iter(group.iter(f"{SVG}path"))).get("d", "").removeprefix("M").split("L")
            first, *_, last = [(float(x), float(y)) for x, y in (point.split() for point in line)]
            drawn[group.get("data-from", ""), group.get("data-to", "")] = (first, last)
    assert set(drawn) == {(node, to) for node, step in flow.nodes.items() for _, to in targets(step)}
    for (source, target), (first, last) in drawn.items():
        assert on_border(first, boxes[source]), (source, target)
        assert on_border(last, boxes[target]), (source, target)
    left, top, width, height = (float(part) for part in picture.get("viewBox", "").split())
    assert all(
        left < b[0] and top < b[1] and b[2] < left + width and b[3] < top + height for b in boxes.values()
    )


def test_the_same_flow_gives_the_same_picture() -> None:
    flow = FLOWS.flows[FlowName("ticket")]
    assert svg(drawing_of(flow)) == svg(drawing_of(flow))


def test_a_flow_of_a_hundred_steps() -> None:
    names = [f"step_{i}" for i in range(100)]
    boxes = tuple(Box(name, "ask", "请问您要办什么事？" * (i % 5)) for i, name in enumerate(names))
    arrows = tuple(
        Arrow(names[i], names[j % 100], "没听懂" if j % 2 else "")
        for i in range(100)
        for j in {i + 1, i * 7 + 3}
        if i != j % 100
    )
    found = rectangles(XML.fromstring(svg(Drawing("很大", "step_0", boxes, arrows))))
    assert len(found) == 100
    assert all(apart(found[a], found[b]) for a, b in combinations(found, 2))


def test_any_text_stays_text() -> None:
    odd = '<script>alert("1")</script>&\x00\ud800]]>🚧'
    drawing = Drawing(
        odd, "a", (Box("a", "say", odd), Box("b", "unheard", "")), (Arrow("a", "b", odd), Arrow("b", "b", ""))
    )
    text = svg(drawing)
    picture = XML.fromstring(text.encode())
    assert "<script" not in text
    assert [next(iter(picture.iter(f"{SVG}title"))).text] == ['<script>alert("1")</script>&]]>🚧']


def test_untaken_ways_are_marked() -> None:
    flow = FLOWS.flows[FlowName("rating")]
    all_ways = ways(FLOWS, flow.name)
    missing = [way for way in all_ways if way.field == ("next",)][:1]
    drawing = drawing_of(flow, missing)
    assert sum(arrow.missing for arrow in drawing.arrows) == 1
    assert svg(drawing).count('class="way missing"') == 1
    assert not any(arrow.missing for arrow in drawing_of(flow).arrows)


def test_every_kind_and_way_has_a_word() -> None:
    assert set(KINDS) == set(STEP_MODELS)
    assert set(WORDS) == set(TARGETS)


def test_the_command(tmp_path: Path) -> None:
    file = tmp_path / "主线.svg"
    done = CliRunner().invoke(command, ["draw", "main", str(ROOT), "--svg", str(file)])
    assert (done.exit_code, "flowchart" in done.output) == (0, False), done.output
    assert set(rectangles(XML.fromstring(file.read_text("utf-8")))) == set(
        FLOWS.flows[FlowName("main")].nodes
    )
    both = CliRunner().invoke(command, ["draw", "rating", str(ROOT), "--svg", str(file), "--mermaid"])
    assert "flowchart TD" in both.output
    nowhere = CliRunner().invoke(command, ["draw", "main", str(ROOT), "--svg", str(tmp_path / "a/b.svg")])
    assert (nowhere.exit_code, "写不了" in nowhere.output) == (1, True)
    alone = CliRunner().invoke(command, ["draw", "main", str(ROOT), "--coverage"])
    assert alone.exit_code == 2
