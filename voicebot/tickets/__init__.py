"""工单: life cycle, deadlines, numbers, privacy of texts, matching of repeats. Pure."""
