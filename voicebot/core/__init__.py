"""Nouns that every room shares. Pure: no I/O, no clock, no chance."""
