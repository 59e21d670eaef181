"""Names of an architecture for tensors under foreign ones: told by shapes and order, or by the numbers of nn.Sequential."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.weights.doctor.states import prefixes
from core.weights.doctor.table import COUNTER, Plan, Shape, agree, plans
from core.zoo.catalog import SAME_AS, SAME_SHAPES

_MOST_TAIL = 6
"""Tensors of a classifier of another make, three linear layers, behind features that are known."""


def foreign_names(shapes: Mapping[str, Shape], names: Iterable[str]) -> dict[str, str] | None:
    """Return what the tensors would be called in the one architecture whose shapes and order they have.

    Parameters
    ----------
    shapes
        Of the tensors in the order of the file, counters of batch norm aside.
    names
        All names, with the counters.

    Returns
    -------
    A new name for each of ``names``; None where no architecture fits, or more than one does. Of those whose tensors differ by
    their names only, the commoner one is meant (:data:`core.zoo.catalog.SAME_SHAPES`).
    """
    for way in (_in_order, _by_children, _with_tail):
        told_apart = [plan for plan in plans().values() if plan.name not in SAME_AS.keys() | SAME_SHAPES.keys()]
        found = [renamed for plan in told_apart if (renamed := way(plan, shapes)) is not None]
        if found:
            return _with_counters(found[0], names) if len(found) == 1 else None
    return None


def _in_order(plan: Plan, shapes: Mapping[str, Shape]) -> dict[str, str] | None:
    """The whole, or all but the classifier, in the order of the architecture."""
    given = list(shapes)
    for wanted in _parts(plan):
        if len(wanted) == len(given) and _same(plan, wanted, given, shapes):
            return dict(zip(given, wanted, strict=True))
    return None


def _with_tail(plan: Plan, shapes: Mapping[str, Shape]) -> dict[str, str] | None:
    """Features in the order of the architecture, and then linear layers of another make."""
    given, wanted = list(shapes), [name for name in plan.tensors if name in plan.features]
    tail = given[len(wanted) :]
    if not 0 < len(tail) <= _MOST_TAIL or not _same(plan, wanted, given[: len(wanted)], shapes):
        return None
    if not _is_chain([shapes[name] for name in tail], plan.tensors[wanted[-1]][0]):
        return None
    renamed = dict(zip(given, wanted, strict=False))
    renamed |= {name: plan.head_part + ".".join(name.split(".")[-2:]) for name in tail}
    return renamed if len(set(renamed.values())) == len(given) else None


def _is_chain(tail: Sequence[Shape], width: int) -> bool:
    """Whether linear layers, with or without biases, follow each other and the features."""
    rows = 0
    for shape in tail:
        if len(shape) == 2 and (shape[1] == rows or (not rows and width and shape[1] % width == 0)):
            rows = shape[0]
        elif shape != (rows,):
            return False
    return rows > 0


def _by_children(plan: Plan, shapes: Mapping[str, Shape]) -> dict[str, str] | None:
    """Parts that are numbered instead of named, as in ``Sequential(*network.children())``; the order does not matter."""
    for prefix in prefixes(list(shapes)):
        inner = {name: name.removeprefix(prefix) for name in shapes if name.startswith(prefix)}
        tops = {name.partition(".")[0] for name in inner.values()}
        if len(inner) != len(shapes) or not all(top.isdecimal() and top.isascii() for top in tops):
            continue
        for wanted in _parts(plan):
            parts = list(dict.fromkeys(name.partition(".")[0] for name in wanted))
            named = dict(zip(sorted(tops, key=int), parts, strict=False))
            ways = [{name: f"{parts[0]}.{short}" for name, short in inner.items()}] if len(parts) == 1 else []
            if len(parts) == len(tops):
                ways.append({name: named[short.partition(".")[0]] + short[short.find(".") :] for name, short in inner.items()})
            for way in ways:
                if set(way.values()) == set(wanted) and all(agree(plan.tensors[new], shapes[old]) for old, new in way.items()):
                    return way
    return None


def _parts(plan: Plan) -> tuple[list[str], ...]:
    """Names of the whole with and without auxiliary heads, and of the features alone."""
    whole = list(plan.tensors)
    features = [name for name in whole if name in plan.features]
    if not plan.auxiliary:
        return whole, features
    plain = [name for name in whole if not name.startswith(plan.auxiliary)]
    return whole, plain, [name for name in whole if not name.startswith(plan.head_part)], features


def _same(plan: Plan, wanted: Sequence[str], given: Sequence[str], shapes: Mapping[str, Shape]) -> bool:
    return len(wanted) == len(given) and all(
        agree(plan.tensors[new], shapes[old]) and _role(new) == _role(old) for new, old in zip(wanted, given, strict=True)
    )


def _role(name: str) -> str:
    """What a tensor is to its layer: weight, bias, running_mean ..."""
    return name.rpartition(".")[2]


def _with_counters(renamed: dict[str, str], names: Iterable[str]) -> dict[str, str] | None:
    """Give counters the names that belong to their running_var."""
    fresh: dict[str, str] = {}
    for name in names:
        if name in renamed:
            fresh[name] = renamed[name]
            continue
        beside = renamed.get(name.removesuffix(COUNTER) + "running_var")
        if beside is None:
            return None
        fresh[name] = beside.removesuffix("running_var") + COUNTER
    return fresh
