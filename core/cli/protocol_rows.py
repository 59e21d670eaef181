"""``layerscope classify --protocol ...``: pictures by a test protocol, printed as they come."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from core.cli.answers import as_object, percent, print_top, top
from core.cli.listing import Listing
from core.cli.main import FAILED, OK, say
from core.cli.protocol_options import Wish
from core.cli.steps import StepsLine, finish
from core.cli.table import JsonRows, as_table
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.jobs.classify import ProtocolRow, classify_by_protocol
from core.protocols.apply import prepare
from core.types import Failure, JobProgress, ModelSpec, Prediction, ProtocolAnswer, View


def classify_by(wish: Wish, session: Session, found: Listing, options: argparse.Namespace) -> int:
    """Classify pictures by a protocol.

    Parameters
    ----------
    wish
        The protocol and the models.
    session
        The first model.
    found
        The pictures.
    options
        ``json``, ``top`` and ``votes`` are looked at.

    Returns
    -------
    The exit status.
    """
    inspector, printer = Inspector(session), _Printer(session, options)
    finish(prepare(inspector, wish.protocol, wish.members, wish.weight))
    work = classify_by_protocol(inspector, found.images, wish.protocol, wish.members, wish.weight)
    with ExitStack() as stack:
        rows = stack.enter_context(JsonRows()) if options.json else None
        line = stack.enter_context(StepsLine())
        for name, row in found.with_rows(_shown(work, line)):
            answer = None if isinstance(row, Failure) else row.answer
            failure = row if isinstance(row, Failure) else row.failure
            if rows is not None:
                rows.add(printer.as_object(name, answer, failure))
            else:
                printer.show(name, answer, failure)
            printer.tell(answer)
    return FAILED if printer.failed else OK


def _shown(work: Iterator[JobProgress | ProtocolRow], line: StepsLine) -> Iterator[ProtocolRow]:
    for step in work:
        if isinstance(step, JobProgress):
            line.show(step)
        else:
            line.clear()
            yield step


class _Printer:
    """Prints answers, and each notice once."""

    def __init__(self, session: Session, options: argparse.Namespace) -> None:
        self._session = session
        self._top: int = options.top
        self._votes: bool = options.votes
        self._told = set(session.info.notices)
        self.failed = False

    def as_object(self, name: str, answer: ProtocolAnswer | None, failure: Failure | None) -> dict[str, Any]:
        self.failed |= failure is not None
        row = as_object(name, self._session.info, self._first(answer.predictions if answer else ()), failure)
        row["protocol"] = self._protocol(answer) if answer is not None else None
        if self._votes:
            row["votes"] = [self._vote(view) for view in answer.views] if answer is not None else []
        return row

    def show(self, name: str, answer: ProtocolAnswer | None, failure: Failure | None) -> None:
        self.failed |= failure is not None
        if failure is not None:
            say(failure.message)
        if answer is None:
            return
        print_top(name, self._first(answer.predictions))
        print(f"      {answer.words}; {answer.milliseconds:,.0f} ms")
        if self._votes:
            print(_table(answer.views))

    def tell(self, answer: ProtocolAnswer | None) -> None:
        for notice in (*self._session.info.notices, *(answer.notices if answer is not None else ())):
            if notice not in self._told:
                self._told.add(notice)
                say(notice)

    def _first(self, predictions: Sequence[Prediction]) -> Sequence[Prediction]:
        return predictions[: self._top]

    def _protocol(self, answer: ProtocolAnswer) -> dict[str, Any]:
        protocol = answer.protocol
        return {
            "name": protocol.name,
            "scales": list(protocol.scales),
            "flip": protocol.flip,
            "average": protocol.average,
            "views": len(answer.views),
            "milliseconds": round(answer.milliseconds, 3),
            "words": answer.words,
            "fusion": [
                {**_model(member.spec), "weight": member.weight, "top": top(self._first(predictions))}
                for member, predictions in answer.members
            ],
        }

    def _vote(self, view: View) -> dict[str, Any]:
        vote: dict[str, Any] = {
            "scale": view.scale,
            "flipped": view.flipped,
            "box": list(view.box),
            "weight": view.weight,
            "top": top(self._first(view.predictions)),
        }
        return vote if view.dense is None else {**vote, "map": list(view.dense.shape)}


def _model(spec: ModelSpec) -> dict[str, str]:
    return {"model": spec.architecture, "weights": str(spec.weights)}


def _table(views: Sequence[View]) -> str:
    """Each view with its first category, for people."""
    header = ("", "Q", "mirrored", "left", "top", "right", "bottom", "counts", "map", "probability", "category")
    rows = []
    for view in views:
        first = view.predictions[0]
        sides = [f"{side:.0f}" for side in view.box]
        size = "×".join(map(str, view.dense.shape)) if view.dense is not None else ""
        rows.append((
            "    ", str(view.scale), "yes" if view.flipped else "", *sides, percent(view.weight), size,
            percent(first.probability), f"{first.category} ({first.index})",
        ))  # fmt: skip
    return as_table(header, rows, right=(1, 3, 4, 5, 6, 7, 8, 9))
