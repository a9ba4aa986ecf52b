"""Text to Meaning."""
