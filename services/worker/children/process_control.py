"""What a process asks of Linux for itself: prctl(2)."""

import ctypes
import signal
import sys

IS_LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38


def forbid_inspection() -> None:
    """Close this process's memory and environment, which has passwords, to other processes of its user: its children.

    Programs that it starts are not concerned. It leaves no core dumps from then on, and debuggers need to be root.
    """
    _prctl(_PR_SET_DUMPABLE, 0)


def forbid_privileges() -> None:
    """Let no program that this process starts have more rights than it, such as by set-user-id."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def end_with_parent() -> None:
    """Have this process killed when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    if IS_LINUX:  # macOS, for development, has no prctl
        # The result is not looked at: a process under a kernel without the option is less confined, and works.
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
