"""The operators' console and the supervisors' board.

A page keeps nothing: seat, contact and talk are read from the store each time something happened, so that a
reload or a killed browser loses nothing.
"""
