"""Our options in the words of the stack."""

import ipaddress
from typing import Final

from baresip import Account, Config

from voicebot.adapters.sip.interfaces import only_loopback
from voicebot.adapters.sip.options import SipOptions
from voicebot.core.errors import VoicebotError

HEADERS: Final = ("From", "To", "P-Asserted-Identity")
"""Headers of an INVITE that the stack hands out with the call."""


def config(options: SipOptions) -> Config:
    """The stack's configuration. Limits of calls are ours, since a handed-over call has two legs."""
    host, _port = options.address
    jitter = options.jitter_range
    first, last = options.rtp_ports
    lines = [
        f"sip_listen {options.listen}",
        "sip_transports udp,tcp",
        "net_af ipv4",
        f"rtp_ports {first}-{last}",
        "call_hold_other_calls no",
        f"audio_jitter_buffer_type {'off' if jitter is None else 'adaptive'}",
    ]
    if jitter is not None:
        lines.append(f"audio_jitter_buffer_ms {jitter[0]}-{jitter[1]}")
    interface = options.net_interface
    # The stack looks for addresses elsewhere than on loopback unless it is told so.
    if not interface and ipaddress.IPv4Address(host).is_loopback:
        interface = host
    elif not interface and host == "0.0.0.0" and only_loopback():
        interface = "127.0.0.1"
    return Config(
        net_interface=interface or None,
        expose_headers=HEADERS,
        native_log_level="warning",
        sip_trace=True,
        max_concurrent_calls=None,
        rtp_timeout=options.rtp_timeout,
        extra_config_text="\n".join(lines) + "\n",
    )


def account(options: SipOptions, transport: str) -> Account:
    """The identity that takes every incoming call on `transport`."""
    return Account(
        user=options.user,
        domain=options.listen,
        password="",
        reg_interval=0,
        transport="tcp" if transport == "tcp" else "udp",
        audio_codecs=options.codecs,
        # Without `video_codecs` the stack re-offers 100 ms after an audio-only answer.
        extra_params=("catchall=yes", "video_codecs=none"),
    )


def registration(options: SipOptions) -> Account:
    """The identity at the registrar."""
    try:
        return Account(
            user=options.user,
            domain=options.registrar,
            password=options.password,
            reg_interval=options.register_interval,
            audio_codecs=options.codecs,
            extra_params=("video_codecs=none",),
        )
    except ValueError as wrong:
        raise VoicebotError("sip.options", f"sip.registrar, sip.user or sip.password: {wrong}") from wrong
