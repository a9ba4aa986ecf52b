"""The queue before the decoding threads."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from voicebot.adapters.stt.jobs import Job, JobQueue, Rank, StreamKey

A, B = (1, 1), (1, 2)


def test_final_goes_before_speculative_and_feeding() -> None:
    queue = JobQueue(10)
    queue.put(Job(A, Rank.SPECULATIVE, number=1))
    queue.put(Job(B, Rank.FINAL, number=2))
    queue.put(Job((2, 1), Rank.FEED, b"xx"))
    taken = [queue.take() for _ in range(3)]
    assert [job.rank for job in taken if job] == [Rank.FINAL, Rank.FEED, Rank.SPECULATIVE]


def test_a_new_decode_drops_the_stale_speculative_one_but_not_its_sound() -> None:
    queue = JobQueue(10)
    stale = Job(A, Rank.SPECULATIVE, b"ab", number=1)
    queue.put(stale)
    assert queue.put(Job(A, Rank.FINAL, b"cd", number=2)) == [stale]
    fed = b""
    while (job := queue.take()) is not None:
        fed += job.pcm
        queue.done(job.key)
    assert fed == b"abcd"
    assert len(queue) == 0


def test_a_full_queue_refuses_speculation_and_makes_room_for_final() -> None:
    queue = JobQueue(1)
    first = Job(A, Rank.SPECULATIVE, number=1)
    assert queue.put(first) == []
    refused = Job(B, Rank.SPECULATIVE, number=2)
    assert queue.put(refused) == [refused]
    assert queue.put(Job(B, Rank.FINAL, number=3)) == [first]
    late = Job((3, 1), Rank.FINAL, number=4)
    assert queue.put(late) == [late]
    assert len(queue) == 1


def test_a_cancelled_decode_only_feeds() -> None:
    queue = JobQueue(4)
    queue.put(Job(A, Rank.FINAL, b"ab", number=7))
    queue.cancel(1, 7)
    job = queue.take()
    assert job is not None
    assert (job.rank, job.pcm, job.cancelled) == (Rank.FEED, b"ab", True)


class Queue(RuleBasedStateMachine):
    """Sound of a stream arrives in order and whole, one job of a stream at a time."""

    @initialize(limit=st.integers(1, 4))
    def start(self, limit: int) -> None:
        self.limit = limit
        self.queue = JobQueue(limit)
        self.put: dict[StreamKey, bytes] = {}
        self.got: dict[StreamKey, bytes] = {}
        self.running: list[Job] = []
        self.count = 0

    @rule(
        key=st.sampled_from([A, B, (2, 1)]),
        rank=st.sampled_from(list(Rank)),
        pcm=st.binary(max_size=4),
    )
    def add(self, key: StreamKey, rank: Rank, pcm: bytes) -> None:
        self.count += 1
        self.put[key] = self.put.get(key, b"") + pcm
        self.queue.put(Job(key, rank, pcm, number=None if rank is Rank.FEED else self.count))

    @rule()
    def take(self) -> None:
        job = self.queue.take()
        if job is not None:
            assert job.key not in [other.key for other in self.running]
            self.got[job.key] = self.got.get(job.key, b"") + job.pcm
            self.running.append(job)

    @rule()
    def finish(self) -> None:
        if self.running:
            self.queue.done(self.running.pop(0).key)

    @rule(number=st.integers(1, 30))
    def cancel(self, number: int) -> None:
        self.queue.cancel(1, number)

    @invariant()
    def bounded_and_in_order(self) -> None:
        if hasattr(self, "queue"):
            assert len(self.queue) <= self.limit
            assert all(self.put[key].startswith(got) for key, got in self.got.items())

    def teardown(self) -> None:
        if not hasattr(self, "queue"):
            return
        while self.running:
            self.finish()
        while (job := self.queue.take()) is not None:
            self.got[job.key] = self.got.get(job.key, b"") + job.pcm
            self.queue.done(job.key)
        assert {k: v for k, v in self.got.items() if v} == {k: v for k, v in self.put.items() if v}


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
