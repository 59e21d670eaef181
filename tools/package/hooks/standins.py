"""Run before the program: answers for torch's compiler and a few others that are not in the package and are asked little.

WORKAROUND: the methods of ``torch.optim`` ask ``torch._dynamo`` once to leave them alone (``torch/_compile.py``), and
torchvision asks it for one function. The real one brings sympy and inductor: 130 MB and some seconds. Without a compiler there
is nothing to leave alone, so a function is given back as it is. See github.com/pytorch/pytorch/issues/104390. Checkpoints,
``torch.func.grad``, ``torch.jit.trace`` and the profiler, which a person's network may use, each ask for one thing more.
"""

import importlib.abc
import importlib.machinery
import sys
from contextlib import nullcontext
from types import ModuleType, SimpleNamespace


def _as_it_is(function=None, *_arguments, **_named):
    return function if function is not None else _as_it_is


def _nothing(*_arguments, **_named):
    return None


def _no(*_arguments, **_named):
    return False


class _DTensor:
    """What a tensor over many machines would be an instance of."""


_PARTS = {
    "torch._dynamo": {
        "disable": _as_it_is, "allow_in_graph": _as_it_is, "disallow_in_graph": _as_it_is, "graph_break": _nothing,
        "reset": _nothing, "is_compiling": _no, "compiled_autograd": SimpleNamespace(_disable=nullcontext),
    },
    "torch._dynamo.utils": {"is_compile_supported": _no},
    "torch._dynamo.config": {
        "error_on_nested_fx_trace": True, "patch": lambda **_settings: nullcontext(), "_custom_ops_profile": None,
        "fake_tensor_cache_enabled": True, "fake_tensor_cache_crosscheck_enabled": False,
    },
    "torch._inductor": {},
    "torch._inductor.config": {"triton": SimpleNamespace(cudagraphs=False)},
    "torch.distributed.tensor": {"DTensor": _DTensor},
    "torchvision.ops._register_onnx_ops": {"_register_custom_op": _nothing},
}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name not in _PARTS:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=name in {"torch._dynamo", "torch._inductor"})

    def create_module(self, spec):
        return ModuleType(spec.name)

    def exec_module(self, module):
        vars(module).update(_PARTS[module.__name__])
        if module.__name__ == "torch._dynamo":
            for part in ("utils", "config"):
                importlib.import_module(f"torch._dynamo.{part}")


# At the end: it answers only where nothing else does.
sys.meta_path.append(_Finder())
