"""Voices: engines, their polish, fallback and cache behind the port `speech.ports.Synthesizer`."""
