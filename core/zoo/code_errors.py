"""What a person's own code raises, said as theirs: with the file and the line. Knows no torch."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from core.errors import ModelError

MODULE = "layerscope_model_code"
"""The name of the module that the file is run as."""

brought: set[str] = set()
"""Names of the modules that the last file imported from beside it: the next run reads them anew."""

_LONG = 300


@contextlib.contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn whatever a person's code raises into a sentence with file and line; what it prints goes to standard error.

    Raises
    ------
    ModelError
        Instead of any exception but those of the program itself, and of ``SystemExit``.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except ModelError:
        raise
    except SystemExit as error:
        where = _where(error, path)
        raise ModelError(f"{where} wanted to end the program. It must only build a network.", path=path) from error
    except ModuleNotFoundError as error:
        missing = f"the module “{error.name}”" if error.name else "a module"
        raise ModelError(
            f"{_where(error, path)} needs {missing}, which is not installed where Layerscope runs, nor beside the file.",
            path=path,
        ) from error
    except Exception as error:
        raise ModelError(f"{_where(error, path)}: {_what(error)}.", path=path) from error


@contextlib.contextmanager
def answering(path: Path) -> Iterator[None]:
    """Let the network of a person's code answer: what it prints goes to standard error, and it does not end the program.

    Raises
    ------
    ModelError
        Instead of ``SystemExit``; all else is raised as it is, see :func:`blamed`.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except SystemExit as error:
        raise ModelError(f"{_where(error, path)} wanted to end the program. It must only answer.", path=path) from error


def blamed(error: BaseException) -> ModelError | None:
    """Return the error as that of a person's code, if it came up in there; None if the fault is the program's own."""
    theirs = None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") in {MODULE, *brought}:
            theirs = trace
        trace = trace.tb_next
    if theirs is None:
        return None
    path = Path(theirs.tb_frame.f_code.co_filename)
    return ModelError(f"“{path.name}”, line {theirs.tb_lineno}: {_what(error)}.", path=path)


def _where(error: BaseException, path: Path) -> str:
    """Name the last line of the file that had a part in it; another file's where the fault is in its grammar."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"“{Path(error.filename).name}”, line {error.lineno or 1}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f"“{path.name}”, line {lines[-1]}" if lines and lines[-1] else f"“{path.name}”"


def _what(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else _text(error)
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    first = first if len(first) <= _LONG else f"{first[:_LONG]} ..."
    return f"{type(error).__name__}: {first.rstrip('.')}" if first else type(error).__name__


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # it is a class of the person's own
        return ""
