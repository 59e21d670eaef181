"""The family of the built-in model: a narrow VGG with no hidden fully connected layers."""

from __future__ import annotations

from torch import Tensor, nn

# Configuration A of the VGG paper (Simonyan and Zisserman, 2014, Table 1) at half the width but for the last two layers, and
# without its last pooling: the built-in model looks at pictures of 96 pixels, not of 224.
CONFIGURATION: tuple[int | str, ...] = (32, "M", 64, "M", 128, 128, "M", 256, 256, "M", 512, 512)


class CompactVGG(nn.Module):
    """3x3 convolutions with batch norm, global average pooling and one linear layer.

    Parameters
    ----------
    num_classes
        Number of outputs, at least 1.
    in_channels
        Channels of the input, 3 for RGB.

    Notes
    -----
    ``forward`` takes a float tensor of shape (N, in_channels, H, W) with H, W >= 16 and returns logits (N, num_classes).
    The plan of the layers is Table 1, column A of https://arxiv.org/abs/1409.1556; global average pooling in the place of
    the fully connected layers follows section 3.2 of https://arxiv.org/abs/1312.4400.
    """

    def __init__(self, num_classes: int = 102, in_channels: int = 3) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = in_channels
        for item in CONFIGURATION:
            if isinstance(item, str):
                layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
                continue
            layers += [
                nn.Conv2d(channels, item, kernel_size=3, padding=1, bias=False),
                nn.BatchNorm2d(item),
                nn.ReLU(inplace=True),
            ]
            channels = item
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(channels, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (N, num_classes) of a batch (N, in_channels, H, W)."""
        x = self.avgpool(self.features(x))
        logits: Tensor = self.classifier(x.flatten(1))
        return logits


def compact_vgg(num_classes: int = 102, in_channels: int = 3) -> CompactVGG:
    """Build a :class:`CompactVGG` with freshly drawn weights."""
    return CompactVGG(num_classes, in_channels)
