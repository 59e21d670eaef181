"""What the values of tensors tell: not finite, all zero, untouched by training, made for another scale of pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

_CHUNK = 1 << 22
"""Elements that are looked at in one go, so that no copy of a whole tensor is ever made."""

_SMALL_FIRST = 0.03
"""What a first convolution makes of noise of standard deviation 1, below which pictures of 0 to 255 are suspected: networks for
normalised pictures make 0.14 (ConvNeXt when it is new) to 2.2 (AlexNet) of it, and the standard deviation of a pixel is 58."""

_LARGE_HEAD = 100.0
_WEIGHTS = ("weight", "bias", "running_mean", "running_var")


def is_weight(name: str) -> bool:
    """Whether a tensor of this name is never made of whole numbers, as counters and tables of positions are."""
    return name.endswith(_WEIGHTS)


def whole_numbers(tensors: Mapping[str, Tensor]) -> tuple[str, ...]:
    """Return the names of the weights that are whole numbers, as quantised ones are whose scales are elsewhere."""
    return tuple(
        name for name, value in tensors.items() if is_weight(name) and not value.is_floating_point() and not value.is_complex()
    )


def complex_numbers(tensors: Mapping[str, Tensor]) -> tuple[str, ...]:
    """Return the names of the tensors with complex numbers, which no network of the catalogue can take."""
    return tuple(name for name, value in tensors.items() if value.is_complex())


def not_finite(tensors: Mapping[str, Tensor]) -> tuple[str, ...]:
    """Return the names of the tensors with NaN or infinite values."""
    return tuple(name for name, value in tensors.items() if not _is_finite(value))


def _is_finite(value: Tensor) -> bool:
    if not value.is_floating_point() or not value.numel() or value.is_meta:
        return True
    flat = value.detach().reshape(-1) if value.is_contiguous() else value.detach().contiguous().reshape(-1)
    if value.element_size() == 1:
        return all(bool(countable(part).isfinite().all()) for part in torch.split(flat, _CHUNK))
    # Extremes are NaN where any value is.
    return all(bool(torch.stack(part.aminmax()).isfinite().all()) for part in torch.split(flat, _CHUNK))


def countable(value: Tensor) -> Tensor:
    """Return the same numbers as float32 where their type, as float8, knows neither extremes nor comparisons."""
    return value.float() if value.is_floating_point() and value.element_size() == 1 else value


def is_zero(value: Tensor) -> bool:
    """Whether all values are 0."""
    return not value.is_meta and value.numel() > 0 and not bool(countable(value).any())


def is_far_too_large(value: Tensor) -> bool:
    """Whether the weights of a classifier are of a size that no training gives."""
    if value.is_meta or not value.is_floating_point() or not value.numel():
        return False
    return float(countable(value).abs().max()) > _LARGE_HEAD


def batch_norm_untouched(tensors: Mapping[str, Tensor]) -> bool:
    """Whether there is batch norm, and its statistics are those it was made with: mean 0, variance 1."""
    means = [value for name, value in tensors.items() if name.endswith("running_mean")]
    variances = [value for name, value in tensors.items() if name.endswith("running_var")]
    if not means or any(value.is_meta for value in (*means, *variances)):
        return False
    return not any(bool(countable(mean).any()) for mean in means) and all(
        bool((countable(value) == 1).all()) for value in variances
    )


def first_convolution(tensors: Mapping[str, Tensor]) -> tuple[str, Tensor] | None:
    """Return the first convolution that looks at three channels."""
    for name, value in tensors.items():
        if value.ndim == 4 and value.shape[1] == 3 and value.is_floating_point() and not value.is_meta:
            return name, value
    return None


def wants_0_to_255(tensors: Mapping[str, Tensor]) -> bool:
    """Whether the first convolution is so small that it was made for pictures of 0 to 255; a suspicion, no more.

    With batch norm right behind it the size of a convolution says nothing, but the variance of its output does.
    """
    first = first_convolution(tensors)
    if first is None:
        return False
    weight = first[1].detach().float()
    if not bool(weight.isfinite().all()) or not bool(weight.any()):
        return False
    variance = _variance_behind(first[0], len(weight), tensors)
    if variance is None:
        return float(weight.std()) * math.sqrt(weight[0].numel()) < _SMALL_FIRST
    # The largest variance that pixels of standard deviation 1 could bring about, were they all alike.
    most = weight.abs().flatten(1).sum(1).square()
    return float((variance.float() / most.clamp_min(1e-12)).median()) > 10.0


def _variance_behind(name: str, channels: int, tensors: Mapping[str, Tensor]) -> Tensor | None:
    """Return the variances that the batch norm next in the file has seen, if it is right behind."""
    names = list(tensors)
    for follower in names[names.index(name) + 1 : names.index(name) + 6]:
        value = tensors[follower]
        if follower.endswith("running_var") and value.shape == (channels,):
            return value.detach()
        if value.ndim >= 2:
            return None
    return None


def wants_bgr(tensors: Mapping[str, Tensor]) -> bool:
    """Whether the first convolution looks harder at its last channel than at its first; a suspicion, no more.

    Networks trained on photographs in the order red, green, blue give red 1.2 to 1.7 times the energy that they give blue.
    """
    first = first_convolution(tensors)
    if first is None or first[1][:, 0].numel() < 576:  # with fewer weights it could be chance
        return False
    energy = first[1].detach().float().square().sum((0, 2, 3))
    return bool(energy.isfinite().all()) and float(energy[2]) > 1.35 * float(energy[0])
