"""Which globals of a pickle are harmless: what torch, collections and numpy need for tensors and plain values."""

from __future__ import annotations

from collections.abc import Iterable

import torch

REBUILDERS = frozenset(
    f"torch._utils.{name}"
    for name in (
        "_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_qtensor", "_rebuild_tensor",
        "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_sparse_tensor", "_rebuild_meta_tensor_no_storage",
        "_rebuild_nested_tensor", "_rebuild_wrapper_subclass", "_rebuild_device_tensor_from_numpy",
        "_rebuild_device_tensor_from_cpu_tensor", "_rebuild_xla_tensor",
    )
)  # fmt: skip

DTYPES: dict[str, torch.dtype] = {
    f"torch.{name}": value for name, value in vars(torch).items() if isinstance(value, torch.dtype)
}
"""Names of element types as pickles write them."""

STORAGES: dict[str, torch.dtype | None] = {
    "DoubleStorage": torch.float64, "FloatStorage": torch.float32, "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16, "LongStorage": torch.int64, "IntStorage": torch.int32,
    "ShortStorage": torch.int16, "CharStorage": torch.int8, "ByteStorage": torch.uint8, "BoolStorage": torch.bool,
    "ComplexDoubleStorage": torch.complex128, "ComplexFloatStorage": torch.complex64, "QInt8Storage": torch.qint8,
    "QUInt8Storage": torch.quint8, "QInt32Storage": torch.qint32, "QUInt4x2Storage": torch.quint4x2,
    "QUInt2x4Storage": torch.quint2x4, "UntypedStorage": None,
}  # fmt: skip
"""Element types by the last part of a storage's name; None where the tensor says it."""

_BUILTINS = (
    "set", "frozenset", "bytearray", "bytes", "complex", "dict", "list", "tuple", "int", "float", "bool", "str",
)  # fmt: skip
_NAMES = REBUILDERS | {
    "collections.OrderedDict", "collections.Counter", "collections.defaultdict", "collections.deque",
    "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer", "torch.serialization._get_layout", "torch.Size",
    "torch.Tensor", "torch.device", "torch._tensor._rebuild_from_type_v2", "torch._tensor._rebuild_from_type",
    "torch.per_tensor_affine", "torch.per_tensor_symmetric", "torch.per_channel_affine",
    "torch.per_channel_symmetric", "torch.per_channel_affine_float_qparams", "torch.storage.TypedStorage",
    "torch.storage.UntypedStorage", "_codecs.encode", "numpy.ndarray", "numpy.dtype",
    "numpy.core.multiarray._reconstruct", "numpy.core.multiarray.scalar", "numpy._core.multiarray._reconstruct",
    "numpy._core.multiarray.scalar", "numpy._core.numeric._frombuffer", "numpy.core.numeric._frombuffer",
    *(f"builtins.{name}" for name in _BUILTINS),
    *(f"__builtin__.{name}" for name in _BUILTINS),
}  # fmt: skip


def is_harmless(name: str) -> bool:
    """Tell whether making or calling a global could do nothing but make a tensor or a plain value."""
    if name in _NAMES or name in DTYPES:
        return True
    module, _, last = name.rpartition(".")
    if module in {"torch", "torch.cuda", "torch.storage"}:
        return last in STORAGES or (last.endswith("Tensor") and last.removesuffix("Tensor") + "Storage" in STORAGES)
    return module == "numpy.dtypes" and last.endswith("DType")


def executes_code(names: Iterable[str]) -> bool:
    """Tell whether loading a pickle with these globals the ordinary way would run code that is not harmless."""
    return not all(is_harmless(name) for name in names)
