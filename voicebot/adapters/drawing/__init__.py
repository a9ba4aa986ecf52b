"""Drawings as pictures."""
