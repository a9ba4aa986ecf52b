"""YAML flows, checked into an immutable graph, and the step over them."""

from voicebot.dialogue.engine import Step, start, step
from voicebot.dialogue.flows import Flow, Flows
from voicebot.dialogue.loading import load_flows
from voicebot.dialogue.state import Label, State, from_json, to_json

__all__ = ["Flow", "Flows", "Label", "State", "Step", "from_json", "load_flows", "start", "step", "to_json"]
