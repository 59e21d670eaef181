"""The architectures a person can pick, by family. Plain data: importing it imports neither torch nor torchvision."""

from __future__ import annotations

from core.types import BUILTIN_MODEL

BUILTIN_TITLE = "Compact VGG (built-in)"

FAMILIES: dict[str, tuple[str, ...]] = {
    "Layerscope": (BUILTIN_MODEL,),
    "AlexNet": ("alexnet",),
    "VGG": (  # A, A-LRN, B, C, D, E of the paper's Table 1
        "vgg11", "vgg11_bn", "vgg11_lrn", "vgg11_lrn_bn", "vgg13", "vgg13_bn", "vgg16_1x1", "vgg16_1x1_bn", "vgg16",
        "vgg16_bn", "vgg19", "vgg19_bn",
    ),
    "GoogLeNet and Inception": ("googlenet", "inception_v3"),
    "ResNet": ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"),
    "Wide ResNet": ("wide_resnet50_2", "wide_resnet101_2"),
    "ResNeXt": ("resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d"),
    "SqueezeNet": ("squeezenet1_0", "squeezenet1_1"),
    "DenseNet": ("densenet121", "densenet161", "densenet169", "densenet201"),
    "MobileNet": ("mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"),
    "MNASNet": ("mnasnet0_5", "mnasnet0_75", "mnasnet1_0", "mnasnet1_3"),
    "ShuffleNet V2": ("shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0"),
    "EfficientNet": (
        "efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3", "efficientnet_b4",
        "efficientnet_b5", "efficientnet_b6", "efficientnet_b7",
    ),
    "EfficientNet V2": ("efficientnet_v2_s", "efficientnet_v2_m", "efficientnet_v2_l"),
    "RegNet X": (
        "regnet_x_400mf", "regnet_x_800mf", "regnet_x_1_6gf", "regnet_x_3_2gf", "regnet_x_8gf", "regnet_x_16gf",
        "regnet_x_32gf",
    ),
    "RegNet Y": (
        "regnet_y_400mf", "regnet_y_800mf", "regnet_y_1_6gf", "regnet_y_3_2gf", "regnet_y_8gf", "regnet_y_16gf",
        "regnet_y_32gf", "regnet_y_128gf",
    ),
    "ConvNeXt": ("convnext_tiny", "convnext_small", "convnext_base", "convnext_large"),
    "Vision Transformer": ("vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14"),
    "Swin Transformer": ("swin_t", "swin_s", "swin_b", "swin_v2_t", "swin_v2_s", "swin_v2_b"),
    "MaxViT": ("maxvit_t",),
    "Seed documents": ("alexnet_gray", "vgg11_narrow", "vgg16_bn_10", "nin", "googlenet_seed"),
}
"""Family -> architectures, in the order a person meets them. Tested against ``torchvision.models.list_models``."""

TITLES: dict[str, str] = {
    "vgg11_lrn": "VGG-11 (A-LRN)",
    "vgg11_lrn_bn": "VGG-11 (A-LRN) with batch norm",
    "vgg16_1x1": "VGG-16 (C, 1×1 convolutions)",
    "vgg16_1x1_bn": "VGG-16 (C, 1×1 convolutions) with batch norm",
    "alexnet_gray": "AlexNet for grey pictures, ten classes",
    "vgg11_narrow": "VGG-11 at a quarter of the width, grey, ten classes",
    "vgg16_bn_10": "VGG-16 with batch norm for ten classes",
    "nin": "Network in Network, 32 pixels, ten classes",
    "googlenet_seed": "GoogLeNet with true 5×5 branches and both auxiliary heads",
}
"""What the networks that torchvision does not have are, in plain words."""

SAME_AS: dict[str, str] = {"vgg16_bn_10": "vgg16_bn"}
"""Entries that have the tensors of another one: no file tells them apart, and the doctor says the other one."""

SAME_SHAPES: dict[str, str] = {"vgg11_lrn": "vgg11", "vgg11_lrn_bn": "vgg11_bn"}
"""Entries whose tensors differ from another one's by their names only: local response normalisation has none of its own."""


def architectures() -> tuple[str, ...]:
    """All architectures, family by family."""
    return tuple(name for names in FAMILIES.values() for name in names)


def family(architecture: str) -> str:
    """Return the family of an architecture; KeyError if there is none of that name."""
    for title, names in FAMILIES.items():
        if architecture in names:
            return title
    raise KeyError(architecture)
