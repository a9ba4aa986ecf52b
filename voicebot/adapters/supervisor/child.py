"""Becomes another program that dies with its supervisor: ``child.py PARENT_PID NICENESS PROGRAM ARG…``

Run by path with ``python -I -S`` (10 ms): it must import nothing of ours. The kernel's "parent died"
signal survives exec, so programs that are not ours (nats-server) obey it too; a forked hook in the
supervisor would not be safe beside threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    parent, niceness, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we could ask to be told
        sys.exit(1)
    os.nice(niceness)
    try:
        os.execvp(program[0], program)
    except OSError as error:
        sys.exit(f"{program[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
