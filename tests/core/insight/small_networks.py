"""Transformers of torchvision, so small that they are built and run in milliseconds; their weights are far from uniform."""

from __future__ import annotations

import torch

from core.zoo import backend

SIDES = {"vit": 32, "swin": 60, "swin_v2": 64, "maxvit": 56}


def small(name):
    """A network in evaluation mode and a batch for it."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(3)
        model = _BUILDERS[name]().eval().requires_grad_(False)
        for parameter in model.parameters():
            # The published initialisation is so small that every attention would be flat.
            parameter.add_(torch.randn_like(parameter) * (0.3 if parameter.dim() > 1 else 0.1))
        return model, torch.randn(1, 3, SIDES[name], SIDES[name])


def _vit():
    models = backend._torchvision().models
    return models.VisionTransformer(32, 8, num_layers=2, num_heads=3, hidden_dim=12, mlp_dim=16, num_classes=5)


def _swin(**options):
    models = backend._torchvision().models
    return models.SwinTransformer([4, 4], 12, [2, 2], [2, 3], [7, 7], num_classes=5, **options)


def _swin_v2():
    module = backend._torchvision().models.swin_transformer
    return module.SwinTransformer(
        [4, 4], 12, [2, 2], [2, 3], [4, 4], num_classes=5,
        block=module.SwinTransformerBlockV2, downsample_layer=module.PatchMergingV2,
    )  # fmt: skip


def _maxvit():
    models = backend._torchvision().models
    return models.MaxVit((56, 56), 8, 7, [8, 16], [1, 2], head_dim=4, stochastic_depth_prob=0.0, num_classes=5)


_BUILDERS = {"vit": _vit, "swin": _swin, "swin_v2": _swin_v2, "maxvit": _maxvit}
