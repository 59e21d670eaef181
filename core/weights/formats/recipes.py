"""What the harmless calls of a pickle stand for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from core.weights.formats import modules, tensors
from core.weights.formats.harmless import DTYPES
from core.weights.formats.pickle_graph import Made, Named
from core.weights.formats.problem import damaged

if TYPE_CHECKING:
    from core.weights.formats.rebuild import Rebuild

Recipe = Callable[["Rebuild", Made], Any]


def _strided(rebuild: Rebuild, node: Made) -> Tensor:
    storage, offset, size, stride, *_ = node.args
    return tensors.strided(rebuild.storage(storage), None, offset, _size(size), _size(stride), rebuild.budget)


def _strided_v2(rebuild: Rebuild, node: Made) -> Tensor:
    return _resolved(_strided(rebuild, node), node.args[6] if len(node.args) > 6 else None)


def _strided_v3(rebuild: Rebuild, node: Made) -> Tensor:
    storage, offset, size, stride, _, _, dtype, *_ = node.args
    wanted = _dtype(dtype)
    found = tensors.strided(rebuild.storage(storage), wanted, offset, _size(size), _size(stride), rebuild.budget)
    return _resolved(found, node.args[7] if len(node.args) > 7 else None)


def _resolved(tensor: Tensor, metadata: Any) -> Tensor:
    """Carry out what torch had put off: the conjugate and the negative of a view."""
    for key, value in modules.entries(metadata):
        if value is True and key == "conj":
            tensor = tensor.conj().resolve_conj()
        if value is True and key == "neg":
            tensor = -tensor
    return tensor


def _inner(rebuild: Rebuild, node: Made) -> Any:
    """The tensor in a parameter, or on a device that is not here."""
    return rebuild.value(node.args[0]) if node.args else None


def _converted(rebuild: Rebuild, node: Made) -> Tensor:
    found = rebuild.value(node.args[0])
    rebuild.budget.take(found.numel() * 8)
    converted: Tensor = found.to(_dtype(node.args[1]))
    return converted


def _of_subclass(rebuild: Rebuild, node: Made) -> Any:
    """A tensor of a subclass, which is noted as the call that makes the tensor in it."""
    return rebuild.value(Made(node.args[0], node.args[-2]))


def _quantised(rebuild: Rebuild, node: Made) -> Tensor:
    storage, offset, size, stride, how, *_ = node.args
    rebuild.found.setdefault("quantised tensors, which were converted to float32")
    parts = tuple(rebuild.value(part) for part in how)
    return tensors.quantised(rebuild.storage(storage), offset, _size(size), _size(stride), parts, rebuild.budget)


def _sparse(rebuild: Rebuild, node: Made) -> Tensor:
    layout, data = node.args
    name = layout.args[0] if isinstance(layout, Made) and layout.args else layout
    rebuild.found.setdefault("sparse tensors, which were filled up with zeros")
    parts = [_size(part) if isinstance(part, tuple) or _is_size(part) else rebuild.value(part) for part in data]
    return tensors.dense(name.name if isinstance(name, Named) else str(name), parts, rebuild.budget)


def _without_values(rebuild: Rebuild, node: Made) -> str:
    rebuild.found.setdefault("tensors without values (meta tensors or nested ones), which were left aside")
    return "tensor without values"


def _ordered(rebuild: Rebuild, node: Made) -> OrderedDict[Any, Any]:
    found = OrderedDict(rebuild.mapping(modules.entries(node)))
    metadata = modules.state_of(node).get("_metadata")
    if metadata is not None:
        versions = rebuild.value(metadata)
        if isinstance(versions, dict):
            found._metadata = OrderedDict(versions)  # type: ignore[attr-defined]
    return found


def _dictionary(rebuild: Rebuild, node: Made) -> dict[Any, Any]:
    given = node.args[-1:] if node.name.endswith("Counter") else ()
    return rebuild.mapping([pair for part in given for pair in modules.entries(part)] + node.pairs)


def _sequence(rebuild: Rebuild, node: Made) -> list[Any]:
    given = node.args[0] if node.args else []
    if not isinstance(given, list | tuple):
        raise damaged("a sequence is none")
    return [*rebuild.value(given), *(rebuild.value(item) for item in node.items)]


def _as_tuple(rebuild: Rebuild, node: Made) -> tuple[Any, ...]:
    return tuple(_sequence(rebuild, node))


def _device(rebuild: Rebuild, node: Made) -> str:
    return ":".join(str(part) for part in node.args if isinstance(part, str | int))


def _encoded(rebuild: Rebuild, node: Made) -> bytes:
    """Bytes as protocols without bytes write them: ``_codecs.encode(text, "latin1")``."""
    text = node.args[0]
    if isinstance(text, bytes):
        return text
    return text.encode("latin-1")  # type: ignore[no-any-return]


def _bytes(rebuild: Rebuild, node: Made) -> bytes:
    given = rebuild.value(node.args[0]) if node.args else b""
    if isinstance(given, str):
        given = given.encode("latin-1")
    # A number would ask for as many zeros.
    if not isinstance(given, bytes):
        raise damaged("bytes are none")
    return given


def _complex(rebuild: Rebuild, node: Made) -> complex:
    real, imaginary = node.args
    return complex(float(real), float(imaginary))


def _array(rebuild: Rebuild, node: Made) -> Any:
    """An array: ``_reconstruct`` with the state (version, shape, dtype, Fortran order, bytes)."""
    _, shape, dtype, fortran, data = node.state
    code, order = _numpy_type(dtype)
    if code[:1] not in tuple("biufc"):
        rebuild.found.setdefault("an array of objects, which was left aside")
        return "array of objects"
    return tensors.array(_raw(rebuild, data), _size(shape), code, order, fortran is True, rebuild.budget)


def _array_from_buffer(rebuild: Rebuild, node: Made) -> Any:
    data, dtype, shape, order = node.args
    code, endian = _numpy_type(dtype)
    return tensors.array(_raw(rebuild, data), _size(shape), code, endian, order == "F", rebuild.budget)


def _scalar(rebuild: Rebuild, node: Made) -> Any:
    dtype, data = node.args
    code, order = _numpy_type(dtype)
    if code[:1] not in tuple("biufc"):
        return "scalar"
    return tensors.array(_raw(rebuild, data), (), code, order, False, rebuild.budget).item()


def _numpy_type(node: Any) -> tuple[str, str]:
    """Return ("f4", "<") of a pickled ``numpy.dtype``."""
    if not isinstance(node, Made) or not node.args or not isinstance(node.args[0], str):
        raise damaged("an array has no type")
    order = node.state[1] if isinstance(node.state, tuple) and len(node.state) > 1 else "|"
    return node.args[0].lstrip("<>=|"), order if order in ("<", ">", "=", "|") else "|"


def _raw(rebuild: Rebuild, node: Any) -> Any:
    return node if isinstance(node, bytes | memoryview) else _as_bytes(rebuild.value(node))


def _as_bytes(value: Any) -> Any:
    return value.encode("latin-1") if isinstance(value, str) else value


def _size(node: Any) -> Any:
    return node.args[0] if _is_size(node) and node.args else node


def _is_size(node: Any) -> bool:
    return isinstance(node, Made) and node.name == "torch.Size"


def _dtype(node: Any) -> torch.dtype:
    if isinstance(node, Named) and node.name in DTYPES:
        return DTYPES[node.name]
    raise damaged("a tensor has no type")


_REBUILDERS: dict[str, Recipe] = {
    "_rebuild_tensor": _strided,
    "_rebuild_tensor_v2": _strided_v2,
    "_rebuild_tensor_v3": _strided_v3,
    "_rebuild_parameter": _inner,
    "_rebuild_parameter_with_state": _inner,
    "_rebuild_qtensor": _quantised,
    "_rebuild_sparse_tensor": _sparse,
    "_rebuild_device_tensor_from_numpy": _converted,
    "_rebuild_device_tensor_from_cpu_tensor": _converted,
    "_rebuild_xla_tensor": _converted,
    "_rebuild_meta_tensor_no_storage": _without_values,
    "_rebuild_nested_tensor": _without_values,
    "_rebuild_wrapper_subclass": _without_values,
}

RECIPES: dict[str, Recipe] = {f"torch._utils.{name}": recipe for name, recipe in _REBUILDERS.items()} | {
    "torch._tensor._rebuild_from_type": _of_subclass,
    "torch._tensor._rebuild_from_type_v2": _of_subclass,
    "torch.Size": _as_tuple,
    "torch.device": _device,
    "collections.OrderedDict": _ordered,
    "collections.Counter": _dictionary,
    "collections.defaultdict": _dictionary,
    "collections.deque": _sequence,
    "builtins.dict": _dictionary,
    "builtins.set": _sequence,
    "builtins.frozenset": _sequence,
    "builtins.list": _sequence,
    "builtins.tuple": _as_tuple,
    "builtins.bytearray": _bytes,
    "builtins.bytes": _bytes,
    "builtins.complex": _complex,
    "_codecs.encode": _encoded,
    "numpy.core.multiarray._reconstruct": _array,
    "numpy.core.multiarray.scalar": _scalar,
    "numpy.core.numeric._frombuffer": _array_from_buffer,
    **{f"torch.jit._pickle.build_{kind}list": _sequence for kind in ("int", "double", "bool", "tensor")},
    "torch.jit._pickle.restore_type_tag": _inner,
}
"""By the name of a global, what its call stands for."""
