"""The configurations of the VGG paper that torchvision lacks, and the narrow VGG-11 of a seed document."""

from __future__ import annotations

from torch import Tensor, nn

Step = int | str

# Table 1 of https://arxiv.org/abs/1409.1556: an output width for each 3×3 convolution, "1x1:WIDTH" for each 1×1 one,
# "LRN" for local response normalisation, "M" for max pooling.
CONFIGURATIONS: dict[str, tuple[Step, ...]] = {
    "A-LRN": (64, "LRN", "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"),
    "C": (
        64, 64, "M", 128, 128, "M", 256, 256, "1x1:256", "M", 512, 512, "1x1:512", "M", 512, 512, "1x1:512", "M",
    ),
}  # fmt: skip

LRN_MAPS = 5
LRN_K, LRN_ALPHA, LRN_BETA = 2.0, 1e-4, 0.75


def local_response_norm() -> nn.LocalResponseNorm:
    """Local response normalisation with the parameters of AlexNet, which the VGG paper takes over (section 2.1).

    Section 3.3 of Krizhevsky, Sutskever and Hinton (2012): each activity is divided by
    ``(k + alpha * sum of squares over n adjacent maps) ** beta`` with n = 5, k = 2, alpha = 1e-4, beta = 0.75. torch divides
    its ``alpha`` by ``n`` (it takes the mean of the squares), so it is given ``n * alpha``.
    """
    return nn.LocalResponseNorm(LRN_MAPS, alpha=LRN_MAPS * LRN_ALPHA, beta=LRN_BETA, k=LRN_K)


class VGG(nn.Module):
    """A VGG of any configuration, made of the parts, and the names, of torchvision's.

    Parameters
    ----------
    configuration
        A key of :data:`CONFIGURATIONS`.
    num_classes
        Number of outputs.
    in_channels
        Channels of the input, 3 for RGB.
    batch_norm
        Whether batch norm stands between convolutions and ReLUs; the paper, of 2014, knows none.

    Notes
    -----
    ``forward`` takes a float tensor (N, in_channels, H, W), H, W >= 32, and returns logits (N, num_classes). The weights are
    drawn as torchvision draws those of its own (He et al. 2015 for convolutions; normal, 0.01, for linear layers). The
    adaptive average pooling before the classifier, which does nothing at 224×224, is torchvision's, not the paper's.
    """

    def __init__(
        self, configuration: str, num_classes: int = 1000, in_channels: int = 3, *, batch_norm: bool = False
    ) -> None:
        super().__init__()
        self.features = _features(CONFIGURATIONS[configuration], in_channels, batch_norm)
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, num_classes),
        )
        for module in self.modules():
            draw(module)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (N, num_classes) of a batch (N, in_channels, H, W)."""
        x = self.avgpool(self.features(x))
        logits: Tensor = self.classifier(x.flatten(1))
        return logits


def draw(module: nn.Module) -> None:
    """Draw the weights of one layer as torchvision's VGG does."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0, 0.01)
    elif not isinstance(module, nn.BatchNorm2d):
        return
    if module.bias is not None:
        nn.init.constant_(module.bias, 0)


def _features(steps: tuple[Step, ...], channels: int, batch_norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for step in steps:
        if step == "M":
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
        elif step == "LRN":
            layers.append(local_response_norm())
        else:
            pointwise = isinstance(step, str)
            width = int(str(step).removeprefix("1x1:"))
            kernel, padding = (1, 0) if pointwise else (3, 1)
            layers.append(nn.Conv2d(channels, width, kernel_size=kernel, padding=padding))
            if batch_norm:
                layers.append(nn.BatchNorm2d(width))
            layers.append(nn.ReLU(inplace=True))
            channels = width
    return nn.Sequential(*layers)


NARROW = ((1, 16), (1, 32), (2, 64), (2, 128), (2, 128))
"""Convolutions and width of each block: configuration A divided by four."""


class NarrowVGG(nn.Sequential):
    """VGG-11 at a quarter of the width, as seed document 002 trains it on Fashion-MNIST.

    The names of the tensors ("0.0.weight" ... "12.bias") are those that the document's own program saves. ``forward`` takes a
    float tensor (N, in_channels, 224, 224) and returns logits (N, num_classes); the hidden linear layers keep their 4,096
    units.
    """

    def __init__(self, num_classes: int = 10, in_channels: int = 1) -> None:
        blocks: list[nn.Module] = []
        channels = in_channels
        for convolutions, width in NARROW:
            block: list[nn.Module] = []
            for _ in range(convolutions):
                block += [nn.Conv2d(channels, width, kernel_size=3, padding=1), nn.ReLU()]
                channels = width
            blocks.append(nn.Sequential(*block, nn.MaxPool2d(kernel_size=2, stride=2)))
        super().__init__(
            *blocks,
            nn.Flatten(),
            nn.Linear(channels * 7 * 7, 4096),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(4096, num_classes),
        )
