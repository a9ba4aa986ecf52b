"""What is said and how: wording, clauses, cache keys."""
