"""Where the program starts: the window, or a command of the command line. Imports nothing that is slow to load here."""

from __future__ import annotations

import os
import sys

from core.cli.names import COMMANDS
from gui import streams
from gui.display import has_display
from gui.single_instance import Door, hand_over


def main(argv: list[str] | None = None) -> int:
    """Run Layerscope with the arguments (``sys.argv[1:]`` if None); return the exit status."""
    if getattr(sys, "frozen", False):
        from multiprocessing import freeze_support

        freeze_support()
    # libgomp's threads spin while they wait: with a busy neighbour a 9 ms forward was measured at 1.5 s.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    streams.ensure()
    arguments = sys.argv[1:] if argv is None else argv
    if arguments and arguments[0] in COMMANDS:
        from core.cli.main import main as run_command

        return run_command(arguments)
    if arguments and arguments[0] == "--self-test-window":
        from gui.self_test_window import main as test_window

        return test_window()
    if "--self-test" in arguments:
        from gui.self_test import main as test_all

        return test_all(arguments)
    taken, door = hand_over(arguments) if has_display() else (False, None)
    if taken:
        return 0
    try:
        return _open(arguments, door)
    except Exception as error:
        from gui.broken_start import tell

        return tell(error, window=has_display() and "--screenshot" not in arguments)


def _open(arguments: list[str], door: Door | None) -> int:
    early = None
    if has_display():
        from gui.early import open_window

        early = open_window(arguments)
        if early is not None and early.closed:
            if door is not None:
                door.close()
            return early.leave()
    from gui.options import Options

    options: Options | int = Options()
    if arguments:
        from gui.arguments import parse

        options = parse(arguments)
    if isinstance(options, int):
        if early is not None:
            early.leave()
        return options
    from gui.app import run

    return run(options, door, early)


if __name__ == "__main__":
    raise SystemExit(main())
