"""Network in Network: small perceptrons in the place of linear filters, and no linear layer at the end."""

from __future__ import annotations

from torch import Tensor, nn


class NiN(nn.Module):
    """Network in Network for 32×32 pictures (Lin, Chen and Yan, https://arxiv.org/abs/1312.4400).

    Three blocks of a convolution and two 1×1 convolutions, each followed by a ReLU, the last one too (equation 2). Behind the
    first two the maps are halved by max pooling and dropout is applied (section 4.1); the third has one map for each class,
    whose average is the class's logit (section 3.2). Widths and the dropout of 0.5 are those that the authors published for
    CIFAR-10. The names of the tensors are those of seed document 001.

    Parameters
    ----------
    num_classes
        Number of outputs.
    in_channels
        Channels of the input, 3 for RGB.

    Notes
    -----
    ``forward`` takes a float tensor (N, in_channels, H, W), H, W >= 5, and returns logits (N, num_classes). They are averages
    behind a ReLU, so never negative.
    """

    def __init__(self, num_classes: int = 10, in_channels: int = 3) -> None:
        super().__init__()
        self.block1 = nn.Sequential(
            *_perceptron(in_channels, 192, 160, 96, kernel=5),
            # Rounded up, so that it halves as the paper says: 32 to 16 to 8; torch's own rounding gives 15 and 7.
            nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True),
            nn.Dropout(0.5),
        )
        self.block2 = nn.Sequential(
            *_perceptron(96, 192, 192, 192, kernel=5),
            nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True),
            nn.Dropout(0.5),
        )
        self.block3 = nn.Sequential(
            *_perceptron(192, 192, 192, num_classes, kernel=3), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (N, num_classes) of a batch (N, in_channels, H, W)."""
        logits: Tensor = self.block3(self.block2(self.block1(x)))
        return logits


def _perceptron(channels: int, first: int, second: int, third: int, *, kernel: int) -> list[nn.Module]:
    """A layer that the paper calls mlpconv."""
    return [
        nn.Conv2d(channels, first, kernel_size=kernel, padding=kernel // 2),
        nn.ReLU(inplace=True),
        nn.Conv2d(first, second, kernel_size=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(second, third, kernel_size=1),
        nn.ReLU(inplace=True),
    ]
