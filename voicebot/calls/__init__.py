"""The conductor: one call is one TaskGroup."""
