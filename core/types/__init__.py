"""The words of the program: small, finished, immutable values that pass between its rooms.

Arrays inside them are read-only numpy arrays in CPU memory; nothing here knows torch or Qt.
"""

from core.types.answers import (
    ActivationGrid,
    Activations,
    ActivationVector,
    Classification,
    Failure,
    ImageRef,
    JobProgress,
    NetworkInput,
    Picture,
    Prediction,
    Timings,
    Verdict,
)
from core.types.base import (
    MAX_TOP_K,
    Box,
    Pixels,
    frozen,
)
from core.types.channel import (
    ChannelDetails,
    ClassWeights,
    EffectiveField,
    Floats,
    Kernel,
    Normalisation,
)
from core.types.checkpoint import (
    Candidate,
    CheckpointFormat,
    Diagnosis,
    Finding,
    Health,
)
from core.types.comparison import (
    Comparison,
    ProbabilityChange,
)
from core.types.contributions import (
    Contributions,
)
from core.types.explanation import (
    METHODS,
    Explanation,
    Method,
)
from core.types.export import (
    ExportReport,
)
from core.types.heat import (
    Heat,
)
from core.types.layer_means import (
    LayerMeans,
)
from core.types.lesion import (
    ChannelRanking,
    Lesion,
    LesionAction,
    LesionedClassification,
    RankProgress,
)
from core.types.model import (
    ATTENTION,
    BUILTIN_MODEL,
    BUILTIN_SPEC,
    USUAL_WEIGHTS,
    DeviceInfo,
    LayerInfo,
    ModelInfo,
    ModelSpec,
    Preprocessing,
    WeightsOption,
    WeightsSpec,
)
from core.types.patches import (
    Patch,
    Patches,
    PatchesProgress,
)
from core.types.requests import (
    ActivationRequest,
    ChannelRequest,
    ClassifyRequest,
    ClassWeightsRequest,
    CompareOptionsRequest,
    CompareRequest,
    ContributionRequest,
    DiscoverRequest,
    EffectiveFieldRequest,
    ExplainRequest,
    ExportRequest,
    KnownPatchesRequest,
    LayerMeansRequest,
    LesionRequest,
    LoadRequest,
    PatchesRequest,
    RankRequest,
    StripRequest,
    ThumbnailRequest,
    WeightsRequest,
)
from core.types.windows import (
    Windows,
)

__all__ = [
    "ATTENTION",
    "BUILTIN_MODEL",
    "BUILTIN_SPEC",
    "MAX_TOP_K",
    "METHODS",
    "USUAL_WEIGHTS",
    "ActivationGrid",
    "ActivationRequest",
    "ActivationVector",
    "Activations",
    "Box",
    "Candidate",
    "ChannelDetails",
    "ChannelRanking",
    "ChannelRequest",
    "CheckpointFormat",
    "ClassWeights",
    "ClassWeightsRequest",
    "Classification",
    "ClassifyRequest",
    "CompareOptionsRequest",
    "CompareRequest",
    "Comparison",
    "ContributionRequest",
    "Contributions",
    "DeviceInfo",
    "Diagnosis",
    "DiscoverRequest",
    "EffectiveField",
    "EffectiveFieldRequest",
    "ExplainRequest",
    "Explanation",
    "ExportReport",
    "ExportRequest",
    "Failure",
    "Finding",
    "Floats",
    "Health",
    "Heat",
    "ImageRef",
    "JobProgress",
    "Kernel",
    "KnownPatchesRequest",
    "LayerInfo",
    "LayerMeans",
    "LayerMeansRequest",
    "Lesion",
    "LesionAction",
    "LesionRequest",
    "LesionedClassification",
    "LoadRequest",
    "Method",
    "ModelInfo",
    "ModelSpec",
    "NetworkInput",
    "Normalisation",
    "Patch",
    "Patches",
    "PatchesProgress",
    "PatchesRequest",
    "Picture",
    "Pixels",
    "Prediction",
    "Preprocessing",
    "ProbabilityChange",
    "RankProgress",
    "RankRequest",
    "StripRequest",
    "ThumbnailRequest",
    "Timings",
    "Verdict",
    "WeightsOption",
    "WeightsRequest",
    "WeightsSpec",
    "Windows",
    "frozen",
]
