"""Runs the processes of the hotline: starts, watches, restarts, drains."""

from voicebot.adapters.supervisor.lock import DataLock
from voicebot.adapters.supervisor.nats_server import NatsServer
from voicebot.adapters.supervisor.part import Backoff, Happening, Health, Part, PartEvent
from voicebot.adapters.supervisor.supervisor import Supervisor

__all__ = ["Backoff", "DataLock", "Happening", "Health", "NatsServer", "Part", "PartEvent", "Supervisor"]
