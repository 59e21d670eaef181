"""Run before the program: answers for ``torch._dynamo`` and for torchvision's entry in ``torch.onnx``, both not in the package.

WORKAROUND: the methods of ``torch.optim`` ask ``torch._dynamo`` once to leave them alone (``torch/_compile.py``), and
torchvision asks it for one function. The real one brings sympy and inductor: 130 MB and some seconds. Without a compiler there
is nothing to leave alone, so a function is given back as it is. See github.com/pytorch/pytorch/issues/104390.
"""

import importlib.abc
import importlib.machinery
import sys
from types import ModuleType


def _as_it_is(function=None, *_arguments, **_named):
    return function if function is not None else _as_it_is


def _nothing(*_arguments, **_named):
    return None


def _no(*_arguments, **_named):
    return False


_PARTS = {
    "torch._dynamo": {
        "disable": _as_it_is, "allow_in_graph": _as_it_is, "disallow_in_graph": _as_it_is, "graph_break": _nothing,
        "reset": _nothing, "is_compiling": _no,
    },
    "torch._dynamo.utils": {"is_compile_supported": _no},
    "torchvision.ops._register_onnx_ops": {"_register_custom_op": _nothing},
}


class _Dynamo(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name not in _PARTS:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=name == "torch._dynamo")

    def create_module(self, spec):
        return ModuleType(spec.name)

    def exec_module(self, module):
        vars(module).update(_PARTS[module.__name__])
        if module.__name__ == "torch._dynamo":
            importlib.import_module("torch._dynamo.utils")


# At the end: it answers only where nothing else does.
sys.meta_path.append(_Dynamo())
