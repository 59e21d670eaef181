"""The words of the program: small, finished, immutable values that pass between its rooms.

Arrays inside them are read-only numpy arrays in CPU memory; nothing here knows torch or Qt.

A part is imported when one of its names is asked for first: making the classes takes time, and no start needs all of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.types.answers import *  # noqa: F403
    from core.types.base import *  # noqa: F403
    from core.types.channel import *  # noqa: F403
    from core.types.check import *  # noqa: F403
    from core.types.checkpoint import *  # noqa: F403
    from core.types.checkup import *  # noqa: F403
    from core.types.comparison import *  # noqa: F403
    from core.types.contributions import *  # noqa: F403
    from core.types.download import *  # noqa: F403
    from core.types.evaluation import *  # noqa: F403
    from core.types.explanation import *  # noqa: F403
    from core.types.export import *  # noqa: F403
    from core.types.heads import *  # noqa: F403
    from core.types.heat import *  # noqa: F403
    from core.types.layer_means import *  # noqa: F403
    from core.types.ledger import *  # noqa: F403
    from core.types.lesion import *  # noqa: F403
    from core.types.model import *  # noqa: F403
    from core.types.patches import *  # noqa: F403
    from core.types.protocol import *  # noqa: F403
    from core.types.requests import *  # noqa: F403
    from core.types.survey import *  # noqa: F403
    from core.types.training import *  # noqa: F403
    from core.types.windows import *  # noqa: F403

_PARTS = {
    "answers": (
        "ActivationGrid ActivationVector Activations Classification Failure ImageRef JobProgress NetworkInput Picture "
        "Prediction Timings Verdict"
    ),
    "base": "Box MAX_TOP_K Pixels frozen",
    "channel": "ChannelDetails ClassWeights EffectiveField Floats Kernel Normalisation",
    "check": "Check",
    "checkpoint": "Candidate CheckpointFormat Diagnosis Finding Health",
    "checkup": "DiagnoseRequest KeyRow KeyStatus KeyTable KeysRequest PreprocessRequest SaveRepairedRequest",
    "comparison": "Comparison ProbabilityChange",
    "contributions": "Contributions",
    "download": (
        "DownloadProgress DownloadRequest DownloadStage Downloaded ForgetDownloadRequest PublishedWeights in_megabytes "
        "in_minutes"
    ),
    "evaluation": "Evaluation FolderMatch FolderScore MatchKind",
    "explanation": "Explanation METHODS Method",
    "export": "ExportReport",
    "heads": "HEADED HeadAnswer HeadsAnswer HeadsRequest",
    "heat": "Heat",
    "layer_means": "LayerMeans",
    "ledger": "Beside LedgerLayer LedgerNetwork LedgerRequest LedgerVerdict LedgerWish",
    "lesion": "ChannelRanking Lesion LesionAction LesionedClassification RankProgress",
    "model": (
        "ATTENTION BUILTIN_MODEL BUILTIN_SPEC CODE_SUFFIX CodeFile DeviceInfo LayerInfo MAX_CLASSES ModelInfo ModelSpec "
        "Preprocessing USUAL_WEIGHTS WeightsOption WeightsSpec code_refusal is_sure"
    ),
    "patches": "Patch Patches PatchesProgress",
    "protocol": "FusionMember PROTOCOLS Protocol ProtocolAnswer ProtocolKind ProtocolName ScoreMap View",
    "requests": (
        "ActivationRequest ChannelRequest ClassWeightsRequest ClassifyRequest CompareOptionsRequest CompareRequest "
        "ContributionRequest DiscoverRequest EffectiveFieldRequest ExplainRequest ExportRequest KnownPatchesRequest "
        "LayerMeansRequest LesionRequest LoadRequest PatchesRequest ProtocolRequest ProtocolTrialRequest RankRequest "
        "StripRequest ThumbnailRequest WeightsRequest"
    ),
    "survey": (
        "AugmentPreview CategoryLook DatasetSurvey Duplicates PreviewRequest SurveyProgress SurveyRequest "
        "UnreadablePicture"
    ),
    "training": (
        "EarlierEpochs EpochMetrics Mode Phase Recipe TrainConfig TrainEvent TrainNotice TrainOutcome TrainProgress "
        "WatchedEpoch WatchedPicture"
    ),
    "windows": "Windows",
}
_HOMES = {name: part for part, names in _PARTS.items() for name in names.split()}

if not TYPE_CHECKING:  # or any name would pass the type checker

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


    def __dir__() -> list[str]:
        return sorted(_HOMES)
