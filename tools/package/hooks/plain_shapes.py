"""Run before the program: answers for ``torch.fx.experimental.symbolic_shapes``, and sympy, where shapes are plain numbers.

WORKAROUND: torch's kernels for tensors without data ("meta"), by which exported programs are measured, and ``torch._check`` ask
that module whether a truth about shapes is certain. The real one brings sympy (20 MB, half a second) and the compiler. In this
package no shape is ever a symbol, as only the compiler and the exporter make them; so every answer is the plain one. Of sympy
torch asks only whether a number is one of its expressions (``elementwise_dtypes``): none is.
"""

import importlib.abc
import importlib.machinery
import sys
from types import ModuleType


def sym_eq(one, other):
    """Whether sizes are the same, or nested rows of them."""
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(sym_eq, one, other))
    return one == other


def sym_and(*truths):
    return all(truths)


def sym_or(*truths):
    return any(truths)


def _constrain(value, *, min=None, max=None):
    low, high = -sys.maxsize - 1 if min is None else min, sys.maxsize if max is None else max
    if not low <= value <= high:
        raise ValueError(f"Invalid value {value} for range [{low}:{high}]")


def _same(value, *_arguments, **_named):
    return value


def _no(*_arguments, **_named):
    return False


def _yes(*_arguments, **_named):
    return True


def _nothing(*_arguments, **_named):
    return None


def _none_of_them(*_arguments, **_named):
    return set()


ANSWERS = {
    "sym_eq": sym_eq, "sym_and": sym_and, "sym_or": sym_or, "constrain_range": _constrain,
    **dict.fromkeys(("expect_true", "guard_or_false", "guard_or_true", "guard_size_oblivious", "statically_known_true"), bool),
    "statically_known_false": lambda value: not value,
    **dict.fromkeys(("guard_int", "guard_scalar", "guarding_hint_or_throw", "optimization_hint"), _same),
    **dict.fromkeys(("has_guarding_hint", "is_concrete_int", "is_concrete_float", "is_concrete_bool"), _yes),
    **dict.fromkeys(("is_nested_int", "is_symbolic", "has_free_symbols", "has_free_unbacked_symbols",
                     "has_symbolic_sizes_strides"), _no),
    **dict.fromkeys(("free_symbols", "free_unbacked_symbols", "uninteresting_files"), _none_of_them),
    **dict.fromkeys(("_advise_is_size", "_advise_is_bounded", "_constrain_range_for_size", "compute_unbacked_bindings",
                     "rebind_unbacked"), _nothing),
    "GuardOnDataDependentSymNode": type("GuardOnDataDependentSymNode", (RuntimeError,), {}),
}  # fmt: skip


class Basic:
    """What every expression of sympy would be an instance of."""


def _not_here(name):
    raise AttributeError(f"the packaged Layerscope has no sympy, and so no sympy.{name}; run Layerscope from source for that")


MODULES = {
    "torch.fx.experimental.symbolic_shapes": ANSWERS,
    "sympy": {"Basic": Basic, "__getattr__": _not_here},
}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name in MODULES else None

    def create_module(self, spec):
        return ModuleType(spec.name)

    def exec_module(self, module):
        vars(module).update(MODULES[module.__name__])


# At the end: it answers only where nothing else does.
sys.meta_path.append(_Finder())
