"""Calls over SIP and RTP, by the native stack of baresip-python.

`SipTrunk` takes and makes calls; every call is a `PipecatLine`. The stack's SIP trace is on, for
our own use: see `invites`.
"""

from voicebot.adapters.sip.options import SipOptions
from voicebot.adapters.sip.trunk import SipTrunk

__all__ = ["SipOptions", "SipTrunk"]
