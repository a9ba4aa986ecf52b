"""Figures from events."""
