"""Tensors from what torch and numpy note of them, each checked against the numbers that are there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.weights.formats.limits import Budget
from core.weights.formats.problem import Problem, damaged
from core.weights.formats.storages import ITEM_SIZES, Storage

_OUTSIDE = "a tensor lies outside its numbers"
_QUANTISED = {torch.qint8: torch.int8, torch.quint8: torch.uint8, torch.qint32: torch.int32}
_DIMENSIONS = 32


def strided(
    storage: Storage, dtype: torch.dtype | None, offset: Any, size: Any, stride: Any, budget: Budget
) -> Tensor:
    """Return a view of a storage.

    Parameters
    ----------
    storage
        Its bytes; tensors of one storage share them.
    dtype
        Element type; None: that of the storage.
    offset, size, stride
        As in the file, in elements, so of any type; checked here.
    budget
        Pays for the bytes that a copy of the tensor would take.

    Raises
    ------
    Problem
        If they do not fit the storage.
    """
    dtype = dtype or storage.dtype
    if dtype is None:
        raise damaged("a tensor has no type")
    size, stride = _counts(size), _counts(stride)
    if len(size) != len(stride) or not _is_count(offset):
        raise damaged(_OUTSIDE)
    item = element_size(dtype)
    last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    numel = math.prod(size)
    if numel and last >= len(storage.raw) // item:
        raise damaged(_OUTSIDE)
    budget.take(numel * item)
    if not numel:
        return torch.empty(size, dtype=dtype)
    return typed(storage.raw, dtype).as_strided(size, stride, offset)


def typed(raw: Tensor, dtype: torch.dtype) -> Tensor:
    """Return bytes, uint8 of shape (n,), as elements of a type, without a copy; bytes that are left over are cut."""
    item = element_size(dtype)
    if raw.data_ptr() % item or raw.storage_offset() % item:
        raw = raw.clone()
    return raw[: len(raw) // item * item].view(dtype)


def quantised(storage: Storage, offset: Any, size: Any, stride: Any, how: Any, budget: Budget) -> Tensor:
    """Return the float32 values that a quantised tensor stands for, (q - zero_point) * scale.

    Parameters
    ----------
    how
        (scheme, scale, zero point) or, per channel, (scheme, scales, zero points, axis), as ``_rebuild_qtensor`` has it
        with the scheme as its name; the others as in :func:`strided`.
    """
    whole = _QUANTISED.get(storage.dtype) if storage.dtype else None
    if whole is None or not isinstance(how, tuple) or len(how) not in (3, 4):
        raise Problem("holds a tensor quantised in a way that this program does not know. Save it as float32.", "unsupported")
    numbers = strided(Storage(storage.raw, whole), whole, offset, size, stride, budget)
    budget.take(numbers.numel() * 4)
    if len(how) == 3:
        scale, zero = (torch.tensor(float(value)) for value in how[1:])
        return (numbers.float() - zero) * scale
    scales, zeros = (_vector(value) for value in how[1:3])
    axis = how[3]
    if not _is_count(axis) or axis >= numbers.dim() or not len(scales) == len(zeros) == numbers.shape[axis]:
        raise damaged("a quantised tensor lacks scales")
    shape = [-1 if dim == axis else 1 for dim in range(numbers.dim())]
    return (numbers.float() - zeros.view(shape)) * scales.view(shape)


def dense(layout: str, parts: list[Any], budget: Budget) -> Tensor:
    """Return a sparse tensor with its zeros.

    Parameters
    ----------
    layout
        "torch.sparse_coo", "torch.sparse_csr" and so on.
    parts
        Its indices, values and size, in the order of ``torch._utils._rebuild_sparse_tensor``.
    """
    tensors = [part for part in parts if isinstance(part, Tensor)]
    sizes = [part for part in parts if isinstance(part, tuple)]
    coo = layout.endswith("sparse_coo")
    if len(sizes) != 1 or len(tensors) != (2 if coo else 3):
        raise damaged("a sparse tensor is not whole")
    size, values = _counts(sizes[0]), tensors[-1]
    budget.take(math.prod(size) * values.element_size())
    if coo:
        return torch.sparse_coo_tensor(tensors[0], values, size, check_invariants=True).to_dense()
    kind = getattr(torch, layout.rpartition(".")[2])
    return torch.sparse_compressed_tensor(
        tensors[0], tensors[1], values, size, layout=kind, check_invariants=True
    ).to_dense()


def array(buffer: Any, shape: Any, code: str, order: str, fortran: bool, budget: Budget) -> Tensor:
    """Return an array of numpy as a tensor.

    Parameters
    ----------
    buffer
        Its bytes.
    shape
        Its shape, checked here.
    code
        Its element type as numpy writes it, "f4"; only numbers and truth values.
    order
        Byte order, "<", ">", "=" or "|".
    fortran
        Whether the first index runs fastest.
    """
    size = _counts(shape)
    if not isinstance(buffer, bytes | memoryview) or not code[:1] or code[0] not in "biufc" or not code[1:].isdigit():
        raise damaged("an array holds no numbers")
    dtype = np.dtype(("<" if order in "=|" else order) + code)
    if math.prod(size) * dtype.itemsize != len(buffer):
        raise damaged("an array is not whole")
    budget.take(len(buffer))
    found = np.frombuffer(buffer, dtype).reshape(size, order="F" if fortran else "C")
    native = found.astype(dtype.newbyteorder("="), copy=not found.flags.writeable or not found.flags.aligned)
    return torch.from_numpy(native)


def element_size(dtype: torch.dtype) -> int:
    """Return the bytes of an element."""
    return ITEM_SIZES.get(dtype) or dtype.itemsize


def _vector(value: Any) -> Tensor:
    if isinstance(value, list):
        return torch.tensor([float(item) for item in value])
    if isinstance(value, Tensor) and value.dim() == 1:
        return value.float()
    raise damaged("a quantised tensor lacks scales")


def _counts(values: Any) -> tuple[int, ...]:
    if isinstance(values, tuple | list) and len(values) <= _DIMENSIONS and all(_is_count(value) for value in values):
        return tuple(values)
    raise damaged("a tensor has an impossible shape")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62
