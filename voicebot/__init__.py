"""The 12345 voice hotline: a voice agent, its tickets and its seats. See docs/architecture.md."""

__version__ = "0.1.0"
