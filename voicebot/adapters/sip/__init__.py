"""Calls over SIP and RTP, by the native stack of baresip-python.

`trunk.SipTrunk` takes and makes calls; every call is a `PipecatLine`. The stack's SIP trace is on, for
our own use: see `invites`. Nothing is imported here: settings need the options without the stack.
"""
