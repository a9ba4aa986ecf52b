"""Flows without callers: rehearsed calls, test calls, random calls, replay."""
