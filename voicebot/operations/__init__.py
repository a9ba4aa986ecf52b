"""Use cases that are not one call."""
