"""Why a category: how strongly each part of the picture speaks for it, and by which method that was found."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from core.types.answers import ImageRef
from core.types.base import Box
from core.types.heat import Heat
from core.types.model import ModelSpec, Preprocessing

_OUTLIERS = 99.5
"""Percentile of the magnitudes that takes the last colour of a map of single pixels: a few of them are far off."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method of attribution.

    ``key`` is what the command line calls it. ``needs_layer`` says that it looks at one layer with maps; ``diverging`` that
    its values are for (positive) and against (negative) the category; ``quick`` that it takes no longer than a forward and a
    backward pass; ``fine`` that it has a value for each pixel of the input. ``low`` and ``high`` say what the ends of its
    values mean.
    """

    key: str
    title: str
    words: str
    reference: str
    needs_layer: bool
    diverging: bool
    quick: bool
    fine: bool
    low: str
    high: str


_GRAD_CAM = Method(
    "gradcam", "Grad-CAM",
    "Feature maps of a layer, each weighted by the mean gradient of the category's score",
    "Selvaraju et al. 2017, section 3, equations 1 and 2, https://arxiv.org/abs/1610.02391",
    needs_layer=True, diverging=False, quick=True, fine=False, low="nothing", high="speaks for it",
)  # fmt: skip
_GRAD_CAM_PP = Method(
    "gradcam++", "Grad-CAM++",
    "As Grad-CAM, but places whose gradient is positive count more: better for several objects of one category",
    "Chattopadhay et al. 2018, equation 19, https://arxiv.org/abs/1710.11063",
    needs_layer=True, diverging=False, quick=True, fine=False, low="nothing", high="speaks for it",
)  # fmt: skip
_INTEGRATED_GRADIENTS = Method(
    "integrated-gradients", "Integrated gradients",
    "Gradients added up on the way from a black picture to this one: the values sum up to the gain in score",
    "Sundararajan, Taly and Yan 2017, section 3, equation 1, https://arxiv.org/abs/1703.01365",
    needs_layer=False, diverging=True, quick=False, fine=True, low="speaks against it", high="speaks for it",
)  # fmt: skip
_OCCLUSION = Method(
    "occlusion", "Occlusion",
    "How much score is lost when a grey square covers a part of the picture, square by square",
    "Zeiler and Fergus 2014, section 4.2, https://arxiv.org/abs/1311.2901",
    needs_layer=False, diverging=True, quick=False, fine=False, low="speaks against it", high="speaks for it",
)  # fmt: skip
_GUIDED = Method(
    "guided-backprop", "Guided back-propagation",
    "The gradient at the input, where every ReLU lets only positive gradients through: sharp edges, hardly any category",
    "Springenberg et al. 2015, section 4, figure 1, https://arxiv.org/abs/1412.6806",
    needs_layer=False, diverging=True, quick=True, fine=True, low="darker helps", high="brighter helps",
)  # fmt: skip

METHODS = MappingProxyType(
    {method.key: method for method in (_GRAD_CAM, _GRAD_CAM_PP, _INTEGRATED_GRADIENTS, _OCCLUSION, _GUIDED)}
)
"""All methods by their key, the usual one first."""


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """How strongly each part of a picture speaks for a category.

    ``values`` is float32 (height, width), read-only, in the unit of the score (the logit) where the method has one; ``box``
    says which part of the upright original it covers, in its pixels. ``method`` is a key of :data:`METHODS`; ``layer`` a
    :attr:`LayerInfo.key`, or "" where the method looks at none. ``logit`` and ``probability`` (softmax, 0 to 1) are the
    category's. ``note`` says what else there is to know, or is empty.
    """

    image: ImageRef
    model: ModelSpec
    preprocessing: Preprocessing
    method: str
    category: int
    name: str
    logit: float
    probability: float
    layer: str
    values: npt.NDArray[np.float32]
    box: Box
    note: str = ""

    @property
    def about(self) -> Method:
        """The method."""
        return METHODS[self.method]

    @property
    def title(self) -> str:
        """What it is, in one line: "Grad-CAM · orange · features"."""
        return " · ".join(part for part in (self.about.title, self.name, self.layer) if part)

    @property
    def heat(self) -> Heat:
        """The values as they are laid over the picture."""
        about = self.about
        return Heat(self.title, self.values, self.box, about.diverging, smooth=about.needs_layer, limits=self._limits())

    def _limits(self) -> tuple[float, float] | None:
        """Where the colours end: at 0 for values that are only positive, before the outliers of single pixels."""
        finite = np.abs(self.values[np.isfinite(self.values)])
        if not finite.size or not finite.any() or (self.about.diverging and not self.about.fine):
            return None
        if not self.about.diverging:
            return 0.0, float(finite.max())
        reach = float(np.percentile(finite, _OUTLIERS)) or float(finite.max())
        return -reach, reach
