"""A service that the guide has an administrator write, published while a caller is on the line."""

from tests.calls.kit import ROOT, Scene, calling, until
from tests.fakes.content import MemoryContentStore
from tests.flows.test_guide import FILES, FLOW, TESTS
from tests.virtual_time import on_virtual_time
from voicebot.adapters.files.content import read_texts
from voicebot.bootstrap.brain import BrainMaker, check_with, user_shelf
from voicebot.bootstrap.live import LiveBrain
from voicebot.core.ids import CallId
from voicebot.operations.publishing import Publisher


async def ask(scene: Scene, words: str, answer: str) -> None:
    """The caller says something, and hears this."""
    before = len(scene.said)
    await scene.says(words)
    await until(lambda: any(answer in text for text in scene.said[before:]))
    await scene.until_we_listen()


@on_virtual_time
async def test_the_next_caller_is_served_and_the_running_call_is_not_touched() -> None:
    maker = BrainMaker(shelf=user_shelf())
    store = MemoryContentStore(read_texts(ROOT))
    live = LiveBrain(store, maker.from_texts)
    await live.refresh()
    async with calling(known=live.for_call(CallId("before"))) as before:
        await before.until_we_listen()
        for path in (FLOW, TESTS):
            await Publisher(store, check_with(maker)).publish(
                path, FILES[path], base=0, author="li", note="挪车"
            )
        assert await live.refresh()
        await ask(before, "我要挪车", "请问在什么地方")  # a demand like any other
    async with calling(known=live.for_call(CallId("after"))) as after:
        await after.until_we_listen()
        await ask(after, "我要挪车", "车牌号")
        await ask(after, "云A12345", "什么地方")
        await ask(after, "幸福小区东门", "跟您核对一下")
        await ask(after, "对", "我们马上联系车主")
        [ticket] = after.store.tickets.values()
        assert "云A12345" in ticket.content
