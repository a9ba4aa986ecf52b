"""The line process: SIP, WebSockets, all calls. ``python -m voicebot.bootstrap.line``."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import product

import structlog

from voicebot.adapters.bus import serve_metrics
from voicebot.adapters.db.calls import SqlJournal
from voicebot.adapters.db.outbox import OutboxRelay
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.files.recording import recorder
from voicebot.adapters.sip.trunk import SipTrunk
from voicebot.adapters.stt.recogniser import WorkerRecogniser
from voicebot.adapters.tts.cache import CachedSynthesizer, DiskCache
from voicebot.adapters.tts.synthesizer import WorkerSynthesizer
from voicebot.adapters.vad import SileroDetector
from voicebot.adapters.wall_clock import WallClock
from voicebot.adapters.websocket.app import line_app, server_config
from voicebot.bootstrap.live import LiveBrain, settle
from voicebot.bootstrap.process import on_bus, open_database, run_part, socket_path, stop_event
from voicebot.bootstrap.serving import Server, bind
from voicebot.calls.options import CallOptions
from voicebot.calls.parts import CallParts
from voicebot.calls.reception import Reception
from voicebot.calls.switchboard import SeatSwitchboard
from voicebot.core.errors import VoicebotError
from voicebot.operations.ports import PartStatus
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.settings import Settings
from voicebot.speech.clauses import plan
from voicebot.speech.ports import VoiceSettings

log = structlog.get_logger(__name__)

RATES = (8000, 16000)
"""Of telephones and browsers: fixed sentences are rendered ahead for both."""

LOOK_AGAIN = 5.0
"""Seconds until rendering ahead looks for new sentences, or for a voice that was away."""


async def line(settings: Settings) -> None:
    """Takes calls until SIGTERM, then lets the running ones end.

    Raises:
        VoicebotError: content, database, bus or an address cannot be used.
    """
    stop = stop_event()
    live = LiveBrain(settings.content.root)
    clock = WallClock(live.current.catalogue.city.timezone)
    began = clock.now()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        journal = SqlJournal(database, clock)
        lost = await journal.recover(began)
        if lost:
            log.warning("calls.lost", count=len(lost))
        recogniser = await stack.enter_async_context(
            WorkerRecogniser(socket_path(settings, "recognition"), timeout=settings.stt.timeout).running()
        )
        voice = await stack.enter_async_context(
            WorkerSynthesizer(socket_path(settings, "synthesis"), timeout=settings.tts.timeout).running()
        )
        cache = DiskCache(settings.tts.cache, settings.tts.cache_bytes)
        synthesizer = CachedSynthesizer(voice, cache, engine=settings.tts.engine, voice=settings.tts.voice)
        detector = SileroDetector()
        trunk = SipTrunk(settings.sip, clock)
        options = replace(settings.call, voice=replace(settings.call.voice, rate=settings.tts.rate))
        parts = CallParts(
            recogniser=recogniser,
            detector=detector,
            synthesizer=synthesizer,
            desk=TicketDesk(SqlTicketStore(database), clock),
            switchboard=SeatSwitchboard(trunk, settings.seat),
            journal=journal,
            clock=clock,
            options=options,
            record=recorder(settings.data / "recordings", clock) if settings.record else None,
        )
        reception = Reception(parts, lambda: live.current, settings.admission)
        server = Server(server_config(line_app(reception.on_call, settings.websocket, clock)))
        listening = bind("127.0.0.1", settings.http.line_port)

        def status() -> PartStatus:
            missing = [
                name
                for name, there in (
                    ("SIP", trunk.alive),
                    ("recognition", recogniser.status().connected),
                    ("synthesis", voice.connected),
                    ("websocket", server.started),
                )
                if not there
            ]
            note = f"waiting for {', '.join(missing)}" if missing else f"{reception.running} calls"
            return PartStatus("line", not missing, note)

        bus = await stack.enter_async_context(on_bus(settings, "line", status))
        await serve_metrics(bus, "line", reception.metrics)
        settle()
        await trunk.start(reception.on_call)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[listening]))
            background = [
                group.create_task(detector.run()),
                group.create_task(OutboxRelay(database, bus).run()),
            ]
            if settings.content.watch:
                background.append(group.create_task(live.watch(settings.content.watch)))
            if settings.render_ahead:
                background.append(group.create_task(render_ahead(live, synthesizer, options)))
            await stop.wait()
            log.info("draining", calls=reception.running)
            reception.close()
            await asyncio.gather(trunk.drain(settings.drain), reception.drain(settings.drain))
            await trunk.stop()
            server.should_exit = True
            await serving
            for task in background:
                task.cancel()


async def render_ahead(live: LiveBrain, synthesizer: CachedSynthesizer, options: CallOptions) -> None:
    """Makes the sound of every fixed sentence while nobody waits for it; again after new content."""
    done: set[tuple[str, int]] = set()
    while True:
        sentences = (*options.sentences, *live.current.sentences())
        clauses = dict.fromkeys(clause.text for text in sentences for clause in plan(text))
        for spoken, rate in product(clauses, RATES):
            if (spoken, rate) not in done:
                await _render(spoken, replace(options.voice, sample_rate=rate), synthesizer)
                done.add((spoken, rate))
        await asyncio.sleep(LOOK_AGAIN)


async def _render(spoken: str, settings: VoiceSettings, synthesizer: CachedSynthesizer) -> None:
    """One clause, tried until the voice is there."""
    while True:
        try:
            await synthesizer.prepare(spoken, settings)
            return
        except VoicebotError as error:
            if not error.retryable:
                log.error("not rendered ahead", code=error.code, text=spoken)
                return
        await asyncio.sleep(LOOK_AGAIN)


if __name__ == "__main__":
    run_part("line", line)
