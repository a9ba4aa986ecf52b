"""The administrators' page for flows: list, editor, drawing, simulator, tests, versions.

It runs on NiceGUI, which is imported by `mount` alone, so that no other process pays for it.
"""
