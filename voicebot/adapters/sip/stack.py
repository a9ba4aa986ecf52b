"""The baresip stack: one per process, started, gated, registered, stopped."""

import asyncio
import ipaddress
from collections.abc import Callable, Sequence
from typing import Final

import baresip
import structlog
from baresip import Account, Call, Runtime, UserAgent
from baresip.events import Event, StackEvent

from voicebot.adapters.sip import gate, husks
from voicebot.adapters.sip.failures import stack_failed, start_failed
from voicebot.adapters.sip.invites import InviteWatch
from voicebot.adapters.sip.options import Network, SipOptions
from voicebot.adapters.sip.stack_config import account, config, registration
from voicebot.core.errors import VoicebotError

log = structlog.get_logger()

STOP: Final = 8.0
"""Seconds the stack may take to stop."""

SWEEP: Final = 3.0
"""Seconds from a call's first sign until husks are looked for, and from that look until they are
swept; see `husks`."""


class Stack:
    """Life of the native stack and its user agents.

    Args:
        on_incoming: called on the event loop for each new call.
        on_dead: called once when the SIP thread has died.
    """

    def __init__(
        self, options: SipOptions, on_incoming: Callable[[Call], None], on_dead: Callable[[], None]
    ) -> None:
        self._options = options
        self._on_incoming = on_incoming
        self._on_dead = on_dead
        self._runtime: Runtime | None = None
        self._agents: dict[str, UserAgent] = {}
        self._registering: asyncio.Task[None] | None = None
        self._sweep: asyncio.TimerHandle | None = None
        self._suspects: frozenset[int] = frozenset()
        self.invites = InviteWatch()
        self.addresses: tuple[str, ...] = ()
        self.gated = False
        """The kernel drops what is not allowed."""
        self.registered = False
        self.alive = False

    async def start(self, allowed: Sequence[Network], *, with_own: bool) -> tuple[Network, ...]:
        """Starts all; returns the networks that are let in: `allowed`, and with `with_own` the
        machine's own addresses.

        Raises:
            VoicebotError: ``sip.address_in_use``, ``sip.no_such_address``, ``sip.start``.
        """
        runtime = Runtime()
        self.invites.install()
        try:
            await runtime.start(config(self._options))
        except baresip.BaresipError as error:
            self.invites.uninstall()
            raise start_failed(error, self._options.listen) from error
        runtime.on_dead = self._dead
        runtime.subscribe(self._on_event)
        self._runtime, self.alive = runtime, True
        try:
            networks = self._guard(allowed, with_own=with_own)
            await self._make_agents(runtime)
        except (VoicebotError, baresip.BaresipError) as error:
            await self.stop()
            raise error if isinstance(error, VoicebotError) else stack_failed(error) from error
        return networks

    def _guard(self, allowed: Sequence[Network], *, with_own: bool) -> tuple[Network, ...]:
        sockets = gate.own_sockets(self._options.address[1])
        try:
            hosts = sorted({each.getsockname()[0] for each in sockets})
            own = [Network(host) for host in hosts] if with_own else []
            networks = tuple(ipaddress.collapse_addresses([*allowed, *own]))
            self.addresses = tuple(f"{host}:{self._options.address[1]}" for host in hosts)
            if not hosts:
                raise VoicebotError(
                    "sip.no_such_address",
                    f"the SIP stack listens nowhere for {self._options.listen}; "
                    "set sip.listen or sip.net_interface to an address of this machine",
                )
            gate.attach(networks, sockets)
            self.gated = True
        except OSError as error:
            log.warning("sip.not_gated", error=str(error), remedy="keep unwanted sources out with a firewall")
        finally:
            for each in sockets:
                each.close()
        return networks

    def _on_event(self, event: StackEvent) -> None:
        if event.event is Event.CALL_REMOTE_SDP and self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(SWEEP, self._look_for_husks)

    def _look_for_husks(self) -> None:
        self._sweep = None
        if not self.alive:
            return
        self._suspects = husks.sweep(self._suspects)
        if self._suspects:
            self._sweep = asyncio.get_running_loop().call_later(SWEEP, self._look_for_husks)

    def _sweep_all(self) -> None:
        """Before the stack stops: no call of ours is left, so whatever looks like a husk is one."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        husks.sweep(husks.sweep(frozenset()))

    async def _make_agents(self, runtime: Runtime) -> None:
        for transport in ("udp", "tcp"):
            self._agents[transport] = await self._agent(runtime, account(self._options, transport))
        if self._options.registrar:
            client = await self._agent(runtime, registration(self._options))
            client.on(self._on_register)
            self._agents["client"] = client
            self._registering = asyncio.create_task(self._register(client), name="sip register")

    async def _agent(self, runtime: Runtime, identity: Account) -> UserAgent:
        # "reject": a caller's REFER must not make us dial where they like.
        agent = await UserAgent.create(runtime, identity, transfer_policy="reject")
        agent.on_incoming(self._on_incoming)
        return agent

    async def _register(self, client: UserAgent) -> None:
        try:
            await client.register()
        except baresip.BaresipError as error:
            # The stack tries again by itself; `registered` follows its reports.
            log.error("sip.not_registered", registrar=self._options.registrar, error=str(error))

    def _on_register(self, event: StackEvent) -> None:
        match event.event:
            case Event.REGISTER_OK:
                self.registered = True
            case Event.REGISTER_FAIL:
                self.registered = False
                log.error("sip.not_registered", registrar=self._options.registrar, error=event.text)
            case _:
                pass

    async def dial(self, target: str, headers: dict[str, str], *, tcp: bool) -> tuple[Call, list[StackEvent]]:
        """Sends an INVITE as the registered identity, else as that of the transport.

        Returns the call, and what was reported about it before the binding listened (a far end
        that answers at once is quicker than a busy event loop): see `replay`.

        Raises:
            baresip.BaresipError: nothing was sent.
        """
        if self._runtime is None:
            raise baresip.DrainingError("the trunk is stopped")
        agent = self._agents.get("client") or self._agents["tcp" if tcp else "udp"]
        early: list[StackEvent] = []

        def keep(event: StackEvent) -> None:
            early.append(event)

        self._runtime.subscribe(keep)
        try:
            call = await agent.dial(target, headers)
        finally:
            self._runtime.unsubscribe(keep)
        return call, [event for event in early if event.call == call.handle]

    def _dead(self) -> None:
        self.alive = False
        self._on_dead()

    async def stop(self) -> None:
        """Unregisters and frees the addresses; does nothing when it does not run."""
        runtime, self._runtime = self._runtime, None
        if runtime is None:
            return
        if self._registering is not None:
            self._registering.cancel()
            await asyncio.wait({self._registering})
        try:
            if self.alive:
                if self.registered:
                    await self._agents["client"].unregister(timeout=2.0)
                self._sweep_all()
                async with asyncio.timeout(STOP):
                    await runtime.close()
        except (baresip.BaresipError, TimeoutError) as error:
            log.error("sip.stop", error=str(error))
        finally:
            self.alive = self.registered = False
            self._agents.clear()
            self.invites.uninstall()


def replay(call: Call, early: Sequence[StackEvent]) -> None:
    """Lets a call, and all who listen to it, know what happened before they could."""
    for event in early:
        call._on_stack_event(event)
