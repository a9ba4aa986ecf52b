"""A stand-in for a part: ``dummy_part.py NAME DIRECTORY [BEHAVIOUR…]``

Writes ``NAME.ready`` (its pid) once it is up, ``NAME ended`` to ``log`` when told to stop.
Behaviours: ``refuse`` ends at once with code 3 and a line on stderr; ``stubborn`` ignores SIGTERM;
``slow`` takes 0.3 s to stop; ``mute`` never becomes ready; ``once`` refuses from its second start on.
"""

import os
import signal
import sys
import time
from pathlib import Path


def main() -> None:
    name, directory, behaviours = sys.argv[1], Path(sys.argv[2]), set(sys.argv[3:])
    starts = directory / f"{name}.starts"
    with starts.open("a") as file:
        file.write("x")
    if "refuse" in behaviours or ("once" in behaviours and len(starts.read_text()) > 1):
        sys.exit(f"{name}: port 5060 is taken")

    def stop(*_: object) -> None:
        if "stubborn" in behaviours:
            return
        if "slow" in behaviours:
            time.sleep(0.3)
        with (directory / "log").open("a") as file:
            file.write(f"{name} ended\n")
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    if "mute" not in behaviours:
        ready = directory / f"{name}.ready"
        ready.with_suffix(".new").write_text(str(os.getpid()))
        ready.with_suffix(".new").rename(ready)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
