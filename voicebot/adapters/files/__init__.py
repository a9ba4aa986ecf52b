"""Content files of a city: flows, knowledge, lexicons."""
