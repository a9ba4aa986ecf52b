"""How well fingerprints find candidates: `python -m tests.unit.tickets.measure_fingerprints`.

A city of 100,000 tickets is made of the places of the gazetteer (the first tenth takes a third of them) and
the sentences of the examples; into it go the pairs of tests/eval/repeats. Printed: how many true pairs
share a key, how many tickets a look-up hits, and how long comparing a candidate takes.
"""

import random
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click
import yaml

from voicebot.cli.evaluation.repeats import read_pairs
from voicebot.cli.evaluation.statistics import percentile
from voicebot.core.demand import Demand
from voicebot.core.meaning import AppealType
from voicebot.tickets.fingerprints import fingerprint, keys
from voicebot.tickets.matter import matter_of
from voicebot.tickets.repeats import likeness

ROOT = Path(__file__).parents[3]
PAIRS = ROOT / "tests" / "eval" / "repeats"
TICKETS = 100_000
AT = datetime(2026, 11, 24, tzinfo=UTC)


def _city(rng: random.Random) -> list[Demand]:
    gazetteer = yaml.safe_load((ROOT / "knowledge_base" / "gazetteer.yaml").read_text(encoding="utf-8"))
    homes = [name for d in gazetteer["districts"] for name in d["communities"].split()]
    roads = [name for d in gazetteer["districts"] for name in d["roads"].split()]
    said = [
        text
        for path in sorted((ROOT / "knowledge_base" / "examples").glob("*.yaml"))
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["examples"]
        if group["intent"] == "ticket"
        for text in group["says"]
    ]
    made = []
    for _ in range(TICKETS):
        places, ending = (homes, "栋") if rng.random() < 0.6 else (roads, "号")
        place = places[int(len(places) * rng.random() ** 2)]
        number = f"{rng.randint(1, 30)}{ending}" if rng.random() < 0.6 else ""
        made.append(Demand(AppealType.HELP, "", rng.choice(said), "phone", address=f"{place}{number}"))
    return made


def main() -> None:
    city = _city(random.Random(20261124))
    began = time.perf_counter()
    index: dict[str, list[int]] = {}
    for at, demand in enumerate(city):
        for key in fingerprint(demand):
            index.setdefault(key, []).append(at)
    click.echo(f"{(time.perf_counter() - began) / TICKETS * 1e3:.2f} ms a fingerprint")
    sizes = sorted(map(len, index.values()))
    click.echo(
        f"{len(index)} keys, {sum(sizes) / TICKETS:.1f} a ticket; tickets of a key: median "
        f"{percentile(sizes, 0.5)}, 99 % {percentile(sizes, 0.99)}, most {sizes[-1]}"
    )
    for name in ("dev", "test"):
        pairs = [pair for pair in read_pairs(PAIRS / f"{name}.jsonl") if pair.same]
        shared = [bool(keys(p.a) & keys(p.b)) for p in pairs]
        click.echo(f"{name}: {sum(shared)} of {len(pairs)} true pairs share a key")
    hits = []
    spent = []
    for demand in random.Random(1).sample(city, 500):
        began = time.perf_counter()
        counted = Counter(at for key in fingerprint(demand) for at in index[key])
        hits.append(len(counted))
        mine = matter_of(demand, AT)
        for at, _ in counted.most_common(50):
            likeness(mine, matter_of(city[at], AT))
        spent.append((time.perf_counter() - began) * 1e3)
    click.echo(
        f"a look-up hits: median {percentile(hits, 0.5)}, 95 % {percentile(hits, 0.95)}, most {max(hits)}"
    )
    click.echo(
        f"and 50 comparisons: median {percentile(spent, 0.5):.1f} ms, 95 % {percentile(spent, 0.95):.1f} ms"
    )


if __name__ == "__main__":
    main()
