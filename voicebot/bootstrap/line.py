"""The line process: SIP, WebSockets, all calls. ``python -m voicebot.bootstrap.line``."""

import asyncio
import os
import socket
from contextlib import AsyncExitStack
from dataclasses import replace

import structlog

from voicebot.adapters.bus import serve_metrics, serve_running
from voicebot.adapters.bus.seat_help import serve_help
from voicebot.adapters.db.callbacks import SqlCallbacks
from voicebot.adapters.db.calls import SqlCalls, SqlJournal
from voicebot.adapters.db.content import SqlContentStore
from voicebot.adapters.db.notices import SqlNotices
from voicebot.adapters.db.outbox import OutboxRelay
from voicebot.adapters.db.seats import SqlSeats
from voicebot.adapters.db.talk_lines import SqlTalkLines
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.files.recording import recorder
from voicebot.adapters.sip.trunk import SipTrunk
from voicebot.adapters.stt.recogniser import WorkerRecogniser
from voicebot.adapters.tts.cache import CachedSynthesizer, DiskCache
from voicebot.adapters.tts.synthesizer import WorkerSynthesizer
from voicebot.adapters.tts.voices import languages_of, versions_of
from voicebot.adapters.vad import SileroDetector, SmartTurn
from voicebot.adapters.wall_clock import WallClock
from voicebot.adapters.webhook.courier import WebhookCourier
from voicebot.adapters.websocket.app import line_app, server_config
from voicebot.bootstrap.brain import BrainMaker, names_in, user_shelf
from voicebot.bootstrap.collector import Collector
from voicebot.bootstrap.content import content_keeper, content_trouble
from voicebot.bootstrap.dispatching import open_dispatching
from voicebot.bootstrap.live import LiveBrain
from voicebot.bootstrap.llm import open_helper
from voicebot.bootstrap.process import hotline_name, on_bus, open_database, run_part, socket_path, stop_event
from voicebot.bootstrap.repertoire import Repertoire, render_ahead
from voicebot.bootstrap.seats import SeatHall
from voicebot.bootstrap.serving import Server, bind
from voicebot.bootstrap.study import in_a_process
from voicebot.bootstrap.talks import open_talks
from voicebot.bootstrap.teaching import Study, WithOld
from voicebot.calls.callers import CallerBook
from voicebot.calls.outbound import OutboundCalls
from voicebot.calls.parts import CallParts
from voicebot.calls.reception import Reception
from voicebot.calls.seat_helper import SeatHelper
from voicebot.operations.callbacks import Callbacks
from voicebot.operations.notices import NoticeDesk
from voicebot.operations.ports import PartStatus
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.settings import Settings

log = structlog.get_logger(__name__)

LAST_NOTICES = 3.0
"""Seconds at a stop for messages that are being sent."""


async def line(settings: Settings) -> None:
    """Takes calls until SIGTERM, then lets the running ones end.

    Raises:
        VoicebotError: content, database, bus or an address cannot be used.
    """
    stop = stop_event()
    options = replace(settings.call, voice=replace(settings.call.voice, rate=settings.tts.rate))
    collector = Collector()
    began = WallClock().now()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        store = SqlContentStore(database, WallClock())
        shelf = user_shelf()
        teacher = WithOld(shelf, hotline_name(settings), leads=True)
        maker = BrainMaker(languages_of(settings.tts), collector.resting, names_in(settings), shelf, teacher)
        keeper = content_keeper(settings.content, store, maker)
        live = LiveBrain(store, maker.from_texts)
        study = Study(teacher, in_a_process, live.renew)
        await keeper.look()
        await live.refresh()
        repertoire = Repertoire(live, options)
        clock = WallClock(live.current.catalogue.city.timezone)
        hall = SeatHall(database, clock, lambda: live.current.seats)
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
        synthesizer = CachedSynthesizer(
            voice,
            cache,
            engine=settings.tts.engine,
            voice=settings.tts.voice,
            fallbacks=settings.tts.fallbacks,
            versions=versions_of(settings.tts),
            fixed=repertoire,
            keep_all=settings.tts.cache_personal,
        )
        helper = await stack.enter_async_context(open_helper(settings.llm, clock))
        detector = SileroDetector()
        trunk = SipTrunk(settings.sip, clock)
        courier = await stack.enter_async_context(WebhookCourier(settings.notify, clock).running())
        notices = NoticeDesk(courier, SqlNotices(database, clock), clock)
        tickets = SqlTicketStore(database)
        dispatching = open_dispatching(database, tickets, clock, lambda: live.current)
        callers = CallerBook(lambda: live.current.catalogue.city, journal.earlier)
        talks = open_talks(settings, database, hall, trunk, synthesizer, options.voice, clock, callers)
        parts = CallParts(
            recogniser=recogniser,
            detector=detector,
            synthesizer=synthesizer,
            desk=TicketDesk(tickets, clock, lambda: live.current.deadlines, dispatching),
            switchboard=talks.switchboard,
            journal=journal,
            clock=clock,
            options=options,
            melody=SmartTurn() if options.turns.unfinished else None,
            record=recorder(settings.data / "recordings", clock) if settings.record else None,
            notifier=notices,
            earlier=journal.earlier,
            helper=helper,
        )
        reception = Reception(parts, live.for_call, settings.admission, recogniser.spent)
        owed = SqlCallbacks(database)
        callbacks = Callbacks(
            owed,
            tickets,
            OutboundCalls(trunk, reception, settings.outbound),
            clock,
            lambda: live.current.catalogue.city,
            f"{socket.gethostname()}:{os.getpid()}"[-64:],
        )
        server = Server(server_config(line_app(reception.on_call, settings.websocket, clock, talks.door)))
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
            note += "; learning examples" if study.learning else ""
            return PartStatus("line", not missing, note + content_trouble(live, keeper))

        bus = await stack.enter_async_context(on_bus(settings, "line", status))
        hall.news.join(bus)
        await talks.serve(bus)
        helps = SeatHelper(
            SqlCalls(database, clock), SqlTalkLines(database), SqlSeats(database), lambda: live.current, clock
        )
        await serve_help(bus, talks.line_id, helps.help)
        await serve_metrics(bus, "line", lambda: reception.metrics() + hall.distributor.metrics())
        await serve_running(bus, lambda: (reception.running, reception.flows()))
        collector.settle()
        await trunk.start(reception.on_call, lambda number: owed.missed(number, clock.now()))
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[listening]))
            background = [
                group.create_task(detector.run()),
                group.create_task(OutboxRelay(database, bus).run()),
                group.create_task(notices.run()),
                group.create_task(dispatching.run()),
                group.create_task(callbacks.run()),
                group.create_task(hall.news.follow()),
                group.create_task(hall.distributor.run()),
                group.create_task(live.follow(bus, collector, lambda: not reception.running)),
                group.create_task(study.run()),
                group.create_task(repertoire.follow()),
            ]
            if settings.content.watch:
                background.append(group.create_task(live.keep(keeper, settings.content.watch)))
            if settings.render_ahead:
                background.append(group.create_task(render_ahead(live, synthesizer, options)))
            await stop.wait()
            log.info("draining", calls=reception.running)
            reception.close()
            await asyncio.gather(trunk.drain(settings.drain), reception.drain(settings.drain))
            if kept := await callbacks.drain(LAST_NOTICES):
                log.warning("callbacks.left", count=kept)  # their lease ends, and they are made again
            await trunk.stop()
            if left := await notices.drain(LAST_NOTICES):
                log.warning("notices.left", count=left)  # they are stored, and sent at the next start
            server.should_exit = True
            await serving
            for task in background:
                task.cancel()


if __name__ == "__main__":
    run_part("line", line)
