"""AlexNet for grey pictures and ten classes, in the form of seed document 002."""

from __future__ import annotations

from torch import nn


class AlexNetGray(nn.Sequential):
    """The five convolutions and three linear layers of AlexNet in one column, for 224×224 pictures.

    Widths are those of Krizhevsky, Sutskever and Hinton (2012, section 3.5), its two halves joined; local response
    normalisation is left out, and a padding of 1 in the place of 227-pixel pictures makes the first maps 54×54, so that the
    first linear layer has 256 · 5 · 5 = 6,400 inputs. The names of the tensors ("0.weight" ... "20.bias") are those that the
    document's own program saves.

    Parameters
    ----------
    num_classes
        Number of outputs.
    in_channels
        Channels of the input.

    Notes
    -----
    ``forward`` takes a float tensor (N, in_channels, 224, 224) and returns logits (N, num_classes).
    """

    def __init__(self, num_classes: int = 10, in_channels: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, 96, kernel_size=11, stride=4, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(96, 256, kernel_size=5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(256, 384, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 384, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Flatten(),
            nn.Linear(6400, 4096),
            nn.ReLU(),
            nn.Dropout(p=0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Dropout(p=0.5),
            nn.Linear(4096, num_classes),
        )
