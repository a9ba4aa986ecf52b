"""Sweeps up what a refused INVITE leaves behind in the stack (baresip-python 0.5.2a3).

An INVITE that is well-formed enough to be read but not to be accepted (no tag in From, no
Contact, a Via that cannot be answered) is refused with 500. The binding has by then taken a
reference on the call and never lets go of it, while the stack has given away its own: the call
stays in its agent's list with one reference where there are two owners. Each one holds two
sockets, and the second owner frees it once more when the stack stops: "corrupted double-linked
list", and the process is gone. Anybody who may send us SIP can do that to us.

The remedy gives the husk the missing reference and hangs it up like any call, by functions that
the stack exports. A husk is known by having no SIP session, and by staying so: a call that has just
ended looks the same until the binding lets go of it, which takes long on a busy machine (one of 200
calls was swept by mistake). Remove this module when the binding does it itself;
`tests/integration/sip/test_bad_input.py` tells.
"""

import ctypes
from typing import Final

import baresip._native
import structlog

log = structlog.get_logger()

_STATUS: Final = 500


class _Le(ctypes.Structure):
    """``struct le``: an element of a list."""


_Le._fields_ = [
    ("prev", ctypes.POINTER(_Le)),
    ("next", ctypes.POINTER(_Le)),
    ("list", ctypes.c_void_p),
    ("data", ctypes.c_void_p),
]


class _List(ctypes.Structure):
    """``struct list``."""

    _fields_ = (("head", ctypes.POINTER(_Le)), ("tail", ctypes.POINTER(_Le)))


def _native() -> ctypes.CDLL:
    lib = ctypes.CDLL(baresip._native.__file__)
    lib.uag_list.restype = ctypes.POINTER(_List)
    lib.ua_calls.argtypes, lib.ua_calls.restype = [ctypes.c_void_p], ctypes.POINTER(_List)
    lib.call_id.argtypes, lib.call_id.restype = [ctypes.c_void_p], ctypes.c_void_p
    lib.call_is_outgoing.argtypes, lib.call_is_outgoing.restype = [ctypes.c_void_p], ctypes.c_bool
    lib.mem_nrefs.argtypes, lib.mem_nrefs.restype = [ctypes.c_void_p], ctypes.c_uint32
    lib.mem_ref.argtypes, lib.mem_ref.restype = [ctypes.c_void_p], ctypes.c_void_p
    lib.ua_hangup.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint16, ctypes.c_char_p]
    lib.ua_hangup.restype = None
    lib.re_thread_enter.restype = lib.re_thread_leave.restype = None
    return lib


def _data(items: "ctypes._Pointer[_List]") -> list[int]:
    found, each = [], items.contents.head
    while each:
        found.append(each.contents.data)
        each = each.contents.next
    return found


def sweep(suspects: frozenset[int]) -> frozenset[int]:
    """Ends those of `suspects` that are husks still; all others that look like one now.

    Holds the SIP thread meanwhile (microseconds).

    Args:
        suspects: what an earlier call of this gave back.
    """
    lib = _native()
    swept = 0
    looking = set()
    lib.re_thread_enter()
    try:
        for agent in _data(lib.uag_list()):
            for call in _data(lib.ua_calls(agent)):
                if lib.call_is_outgoing(call) or lib.call_id(call) or lib.mem_nrefs(call) != 1:
                    continue
                if call not in suspects:
                    looking.add(call)
                    continue
                lib.mem_ref(call)
                lib.ua_hangup(agent, call, _STATUS, b"Call Error")
                swept += 1
    finally:
        lib.re_thread_leave()
    if swept:
        log.warning("sip.swept", husks=swept)
    return frozenset(looking)
