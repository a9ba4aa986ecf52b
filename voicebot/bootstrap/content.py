"""Wires what keeps the content: its folder, the store, the publisher."""

from voicebot.adapters.files.folder import WatchedFolder
from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.brain import BrainMaker, check_with
from voicebot.bootstrap.live import LiveBrain
from voicebot.core.problem import Problem
from voicebot.operations.content import ContentStore
from voicebot.operations.content_folder import FolderKeeper
from voicebot.operations.publishing import Publisher
from voicebot.settings import ContentOptions


def content_keeper(options: ContentOptions, store: ContentStore, maker: BrainMaker) -> FolderKeeper:
    """Of the folder of the settings."""
    folder = WatchedFolder(options.root)
    publisher = Publisher(store, check_with(maker))
    return FolderKeeper(folder, store, publisher, WallClock(), publishing=options.publish_files)


def content_trouble(live: LiveBrain, keeper: FolderKeeper) -> str:
    """What is wrong with the content, for the status of the line; "" when nothing is."""
    if keeper.refusal is not None:
        return _told("saved files refused", live, keeper.refusal.problems)
    if live.trouble is not None:
        return _told("newest release refused", live, live.trouble.problems)
    return ""


def _told(what: str, live: LiveBrain, problems: tuple[Problem, ...]) -> str:
    more = f" (+{len(problems) - 1})" if len(problems) > 1 else ""
    return f"; {what}, {live.current.version} stays: {problems[0]}{more}"
