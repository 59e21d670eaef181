"""GoogLeNet in the form of seed document 001: with batch norm, a true 5×5 branch and both auxiliary heads."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class Outputs(NamedTuple):
    """What the network returns in training, in torchvision's order: logits (N, num_classes) of each head."""

    logits: Tensor
    aux_logits2: Tensor | None
    aux_logits1: Tensor | None


# Table 1 of https://arxiv.org/abs/1409.4842: #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj.
WIDTHS: dict[str, tuple[int, int, int, int, int, int]] = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


class BasicConv(nn.Module):
    """Convolution, batch norm, ReLU."""

    def __init__(self, in_channels: int, out_channels: int, **how: Any) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, bias=False, **how),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        """From (N, in_channels, H, W) to (N, out_channels, H', W')."""
        output: Tensor = self.conv(x)
        return output


class Inception(nn.Module):
    """Four branches side by side: 1×1, 3×3, 5×5 and pooling (Szegedy et al. 2014, figure 2b)."""

    def __init__(self, in_channels: int, widths: tuple[int, int, int, int, int, int]) -> None:
        super().__init__()
        one, three_reduce, three, five_reduce, five, pool = widths
        self.branch1 = BasicConv(in_channels, one, kernel_size=1)
        self.branch2 = nn.Sequential(
            BasicConv(in_channels, three_reduce, kernel_size=1),
            BasicConv(three_reduce, three, kernel_size=3, padding=1),
        )
        self.branch3 = nn.Sequential(
            BasicConv(in_channels, five_reduce, kernel_size=1),
            BasicConv(five_reduce, five, kernel_size=5, padding=2),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(kernel_size=3, stride=1, padding=1, ceil_mode=True),
            BasicConv(in_channels, pool, kernel_size=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """From (N, in_channels, H, W) to (N, sum of the branches' widths, H, W)."""
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class AuxiliaryHead(nn.Module):
    """A small classifier on a middle layer (Szegedy et al. 2014, section 5): maps of 14 to 16 pixels to logits."""

    def __init__(self, in_channels: int, num_classes: int) -> None:
        super().__init__()
        self.feature_ = nn.Sequential(
            nn.AvgPool2d(kernel_size=5, stride=3), BasicConv(in_channels, 128, kernel_size=1)
        )
        self.clf_ = nn.Sequential(
            nn.Linear(4 * 4 * 128, 1024), nn.ReLU(inplace=True), nn.Dropout(0.7), nn.Linear(1024, num_classes)
        )

    def forward(self, x: Tensor) -> Tensor:
        """From (N, in_channels, 14, 14) to logits (N, num_classes)."""
        logits: Tensor = self.clf_(self.feature_(x).flatten(1))
        return logits


class GoogLeNet(nn.Module):
    """GoogLeNet (Szegedy et al., https://arxiv.org/abs/1409.4842) as seed document 001 writes it, its slips put right.

    Unlike torchvision's it has 5×5 convolutions where the paper has them (torchvision's are 3×3, a known bug of the weights
    that it ports), 3×3 windows in all four poolings, and the paper's pooling before the auxiliary heads. Batch norm, which came
    a year later, stands behind every convolution; the paper's local response normalisation is left out. The names of the
    tensors are those of the document.

    Parameters
    ----------
    num_classes
        Number of outputs of each head.
    in_channels
        Channels of the input, 3 for RGB.
    aux_logits
        Whether the auxiliary heads ``aux1`` (behind ``inception4a``) and ``aux2`` (behind ``inception4d``) are there.

    Notes
    -----
    ``forward`` takes a float tensor (N, in_channels, 224, 224) and returns logits (N, num_classes); in training it returns
    :class:`Outputs`. The auxiliary heads, which only training runs, need maps of 14 to 16 pixels.
    """

    def __init__(self, num_classes: int = 1000, in_channels: int = 3, *, aux_logits: bool = True) -> None:
        super().__init__()
        self.conv1 = BasicConv(in_channels, 64, kernel_size=7, stride=2, padding=3)
        self.maxpool1 = nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)
        self.conv2 = BasicConv(64, 64, kernel_size=1)
        self.conv3 = BasicConv(64, 192, kernel_size=3, padding=1)
        self.maxpool2 = nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)
        self.inception3a = Inception(192, WIDTHS["3a"])
        self.inception3b = Inception(256, WIDTHS["3b"])
        self.maxpool3 = nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)
        self.inception4a = Inception(480, WIDTHS["4a"])
        self.inception4b = Inception(512, WIDTHS["4b"])
        self.inception4c = Inception(512, WIDTHS["4c"])
        self.inception4d = Inception(512, WIDTHS["4d"])
        self.inception4e = Inception(528, WIDTHS["4e"])
        self.maxpool4 = nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)
        self.inception5a = Inception(832, WIDTHS["5a"])
        self.inception5b = Inception(832, WIDTHS["5b"])
        self.aux1 = AuxiliaryHead(512, num_classes) if aux_logits else None
        self.aux2 = AuxiliaryHead(528, num_classes) if aux_logits else None
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(1024, num_classes)

    def forward(self, x: Tensor) -> Tensor | Outputs:
        """Return the logits (N, num_classes) of a batch (N, in_channels, 224, 224); those of all heads in training."""
        x = self.maxpool1(self.conv1(x))
        x = self.maxpool2(self.conv3(self.conv2(x)))
        x = self.maxpool3(self.inception3b(self.inception3a(x)))
        x = self.inception4a(x)
        first = self.aux1(x) if self.training and self.aux1 is not None else None
        x = self.inception4d(self.inception4c(self.inception4b(x)))
        second = self.aux2(x) if self.training and self.aux2 is not None else None
        x = self.maxpool4(self.inception4e(x))
        x = self.avgpool(self.inception5b(self.inception5a(x)))
        logits: Tensor = self.fc(self.dropout(x.flatten(1)))
        return Outputs(logits, second, first) if self.training else logits
