"""State_dicts of architectures without the cost of their values: tensors of one number, stretched to their shapes."""

from __future__ import annotations

import torch

from core.weights.checkpoint import Checkpoint
from core.weights.doctor.anatomy import dissect
from core.weights.doctor.table import ANY, COUNTER, plans
from core.zoo.channels import default


def shapes(architecture, classes=1000):
    """Names and shapes as torchvision makes them, from the table; a slow test compares that with torchvision."""
    plan = plans()[architecture]
    positions = {"vit_b_16": 197, "vit_b_32": 50, "vit_l_16": 197, "vit_l_32": 50, "vit_h_14": 257}.get(architecture)
    free = {name: positions if name == "encoder.pos_embedding" else classes for name in plan.tensors}
    free[plan.first] = default(architecture)
    return {name: tuple(free[name] if size == ANY else size for size in shape) for name, shape in plan.tensors.items()}


def state_of(architecture, classes=1000, dtype=torch.float32, prefix=""):
    """A state_dict whose tensors take no memory."""
    state = {}
    for name, shape in shapes(architecture, classes).items():
        state[prefix + name] = torch.ones((), dtype=dtype).expand(shape)
        if name.endswith("running_var"):
            state[prefix + name.removesuffix("running_var") + COUNTER] = torch.tensor(3)
    return state


def checkpoint_of(content, path, **about):
    """A checkpoint as it is after reading."""
    return Checkpoint(path, "torch-zip", "0" * 64, content, {}, **about)


def taken(content, path):
    """The reading that the doctor takes."""
    return dissect(checkpoint_of(content, path)).taken
