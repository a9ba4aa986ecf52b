"""Articles to ranked, cited answers."""
