"""The sole wiring: builds each process from its parts."""
