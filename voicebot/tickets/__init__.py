"""工单: life cycle, deadlines, dispatch."""
