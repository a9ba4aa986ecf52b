"""The administrators' page for flows: list, editor, drawing, simulator, tests, versions.

It runs on NiceGUI, as all pages in `shell` do.
"""
