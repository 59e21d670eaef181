"""What a person is told when the window cannot be built: a part is missing, or does not work on this computer."""

from __future__ import annotations

import logging
import sys

from PySide6.QtWidgets import QApplication, QMessageBox

from gui import log


def tell(error: Exception, *, window: bool) -> int:
    """Say it on the terminal and, if it can be seen, in a ``window``, with the details in the log; return the exit status."""
    log.begin()
    logging.getLogger(__name__).error("the window cannot be built", exc_info=error)
    first = (str(error).splitlines() or ["?"])[0].rstrip(". ")
    words = f"The window cannot be built: {first}. Install Layerscope again. Details are in “{log.log_file()}”."
    print(f"layerscope: {words}", file=sys.stderr, flush=True)
    if window and QApplication.instance() is not None:
        for frame in QApplication.topLevelWidgets():
            frame.hide()
        QMessageBox.critical(None, "Layerscope", words)
    log.end()
    return 1
