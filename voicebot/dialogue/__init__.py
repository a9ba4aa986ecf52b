"""YAML flows, checked into an immutable graph, and the step over them."""
