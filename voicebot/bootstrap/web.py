"""The web process: pages and API, and the relay to the line's WebSockets.
``python -m voicebot.bootstrap.web``."""

import asyncio
import socket
from contextlib import AsyncExitStack
from pathlib import Path

from fastapi import FastAPI

from voicebot.adapters.bus import BusMetrics, BusOutcomes, BusStatusReader
from voicebot.adapters.bus.talks import BusTalks
from voicebot.adapters.db.accounts import SqlAccounts
from voicebot.adapters.db.calls import SqlCalls
from voicebot.adapters.db.content import SqlContentStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.feed import SqlFeed
from voicebot.adapters.db.outcomes import SqlOutcomes
from voicebot.adapters.db.own_notes import SqlOwnNotes
from voicebot.adapters.db.seats import SqlSeats
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.db.unanswered import SqlUnanswered
from voicebot.adapters.db.unreached import SqlNotReached
from voicebot.adapters.db.webhooks import SqlHookBook
from voicebot.adapters.tts.voices import languages_of
from voicebot.adapters.wall_clock import WallClock
from voicebot.adapters.webhook.standard import StandardPoster
from voicebot.bootstrap.brain import BrainMaker, check_with, names_in, user_shelf
from voicebot.bootstrap.collector import yield_soon
from voicebot.bootstrap.console import seat_pages
from voicebot.bootstrap.jobs import LOOK, node_name, purging, ticket_jobs
from voicebot.bootstrap.matters import open_matters
from voicebot.bootstrap.process import hotline_name, on_bus, open_database, run_part, stop_event
from voicebot.bootstrap.seats import SeatHall
from voicebot.bootstrap.serving import Server, bind
from voicebot.bootstrap.teaching import WithOld
from voicebot.bootstrap.work import follow, ticket_work
from voicebot.core.clock import Clock
from voicebot.operations.bus import Bus
from voicebot.operations.dispatching import PATIENCE
from voicebot.operations.hook_sender import HookSender
from voicebot.operations.live_deadlines import LiveDeadlines
from voicebot.operations.live_directory import LiveDirectory
from voicebot.operations.live_seats import LiveSeats
from voicebot.operations.periodic import Task
from voicebot.operations.ports import PartStatus
from voicebot.operations.publishing import Publisher
from voicebot.operations.unreached import Unreached
from voicebot.operations.webhooks import Webhooks
from voicebot.settings import HttpOptions, Settings
from voicebot.web.app import server_config, web_app
from voicebot.web.certificate import ensure_certificate
from voicebot.web.deps import WebDeps
from voicebot.web.flows.desk import FlowDesk
from voicebot.web.options import WebOptions
from voicebot.web.shell.mount import pages_running
from voicebot.web.tickets.desk import TicketPages
from voicebot.web.tickets.news import TicketNews


async def web(settings: Settings) -> None:
    """Serves until SIGTERM.

    Raises:
        VoicebotError: database, bus or an address cannot be used.
    """
    stop = stop_event()
    yield_soon()  # drafts are checked beside the sound of calls that passes through here
    clock = WallClock()
    servers: list[Server] = []

    def status() -> PartStatus:
        return PartStatus("web", bool(servers) and all(server.started for server in servers))

    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        bus = await stack.enter_async_context(on_bus(settings, "web", status))
        deadlines = LiveDeadlines(SqlContentStore(database, clock))
        directory = LiveDirectory(SqlContentStore(database, clock))
        work, dispatching = ticket_work(database, clock, directory, deadlines, settings.watch, waits=PATIENCE)
        matters = open_matters(database, work, clock)
        keeping = purging(database, settings.data / "recordings", settings.keep, clock)
        seat_rules = LiveSeats(SqlContentStore(database, clock))
        hall = SeatHall(database, clock, seat_rules)
        hall.news.join(bus)
        following = Task("seats.follow", LOOK, seat_rules.refresh, everywhere=True)
        tasks = [follow(directory), following, keeping, *matters.tasks]
        jobs = ticket_jobs(settings.jobs, database, SqlTicketStore(database), deadlines, clock, tasks)
        news = TicketNews()
        feed, book = SqlFeed(database), SqlHookBook(database)
        poster = await stack.enter_async_context(StandardPoster(clock).running())
        sender = HookSender(book, feed, poster, clock, node_name())
        talks = BusTalks(bus, SqlSeats(database))
        deps = WebDeps(
            accounts=SqlAccounts(database, clock),
            calls=SqlCalls(database, clock),
            work=work,
            status=BusStatusReader(bus),
            clock=clock,
            metrics=BusMetrics(bus, "line"),
            figures=lambda: jobs.metrics() + work.figures() + matters.metrics(),
            flows=flow_desk(settings, database, clock, bus),
            desk=TicketPages(
                work=work,
                notes=SqlOwnNotes(database, clock),
                calls=SqlCalls(database, clock),
                clock=clock,
                directory=directory,
                deadlines=deadlines,
                suggest=dispatching.suggestions,
                news=news,
                unreached=Unreached(SqlNotReached(database), SqlTicketStore(database), clock),
            ),
            unanswered=SqlUnanswered(database, clock),
            feed=feed,
            hooks=Webhooks(book, feed, clock),
            similar=matters.similar,
            hot_spots=matters.hot_spots,
            seats=hall.desk,
            console=seat_pages(database, clock, bus, hall, work, directory),
            doors=talks,
            options=WebOptions(
                line_url=f"ws://127.0.0.1:{settings.http.line_port}",
                recordings=settings.data / "recordings",
                media_secret=settings.http.media_secret,
                https_port=settings.http.https_port,
                allowed_origins=settings.http.allowed_origins,
            ),
        )
        await stack.enter_async_context(pages_running())
        served = _servers(web_app(deps), settings.http, settings.data)
        servers += [server for server, _ in served]
        async with asyncio.TaskGroup() as group:
            for server, listening in served:
                group.create_task(server.serve(sockets=[listening]))
            working = [group.create_task(each.run()) for each in (jobs, dispatching, sender)]
            working.append(group.create_task(news.follow(bus)))
            working.append(group.create_task(hall.news.follow()))
            await stop.wait()
            for task in working:
                task.cancel()
            for server in servers:
                server.should_exit = True


def flow_desk(settings: Settings, database: Database, clock: Clock, bus: Bus) -> FlowDesk:
    """What the page for flows works on; content is loaded when somebody opens it."""
    store = SqlContentStore(database, clock)
    shelf = user_shelf()
    teacher = WithOld(shelf, hotline_name(settings))  # the line learns, also for the checks here
    maker = BrainMaker(languages_of(settings.tts), names=names_in(settings), shelf=shelf, teacher=teacher)
    publisher = Publisher(store, check_with(maker))
    outcomes = BusOutcomes(bus, SqlOutcomes(database))
    return FlowDesk(store, publisher, maker.from_texts, SqlCalls(database, clock), outcomes, clock)


def _servers(app: FastAPI, options: HttpOptions, data: Path) -> list[tuple[Server, socket.socket]]:
    """Plain and encrypted, each with its address, as far as they are switched on."""
    served = []
    if options.port:
        served.append((Server(server_config(app)), bind(options.host, options.port)))
    if options.https_port:
        certificate, key = ensure_certificate(data)
        secured = server_config(app, certificate=(str(certificate), str(key)))
        served.append((Server(secured), bind(options.host, options.https_port)))
    return served


if __name__ == "__main__":
    run_part("web", web)
