"""All desks of the window."""

from __future__ import annotations

from gui.conductor import Conductor
from gui.desks.channel_desk import ChannelDesk
from gui.desks.channel_overlay import ChannelOverlay
from gui.desks.compare_desk import CompareDesk
from gui.desks.contribution_desk import ContributionDesk
from gui.desks.dense_overlay import DenseOverlay
from gui.desks.doctor_desk import DoctorDesk
from gui.desks.explain_desk import ExplainDesk
from gui.desks.export_desk import ExportDesk
from gui.desks.fetch_desk import FetchDesk
from gui.desks.field_desk import FieldDesk
from gui.desks.heads_desk import HeadsDesk
from gui.desks.layer_means_desk import LayerMeansDesk
from gui.desks.ledger_desk import LedgerDesk
from gui.desks.lesion_desk import LesionDesk
from gui.desks.patches_desk import PatchesDesk
from gui.desks.preparation_desk import PreparationDesk
from gui.desks.protocol_desk import ProtocolDesk
from gui.desks.survey_desk import SurveyDesk
from gui.desks.training_desk import TrainingDesk
from gui.desks.trial_desk import TrialDesk
from gui.desks.tuning_desk import TuningDesk
from gui.state import AppState


class Desks:
    """Makes the desks; the conductor owns them."""

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        self.state = state
        self.contributions = ContributionDesk(state, conductor)
        self.layer_means = LayerMeansDesk(state, conductor)
        self.patches = PatchesDesk(state, conductor)
        self.compare = CompareDesk(state, conductor)
        self.lesions = LesionDesk(state, conductor)
        self.explain = ExplainDesk(state, conductor)
        self.export = ExportDesk(state, conductor)
        self.channel = ChannelDesk(state, conductor)
        self.channel_overlay = ChannelOverlay(state, conductor)
        self.field = FieldDesk(state, conductor)
        self.fetch = FetchDesk(state, conductor)
        self.doctor = DoctorDesk(state, conductor)
        self.preparation = PreparationDesk(state, conductor)
        self.protocols = ProtocolDesk(state, conductor)
        self.trials = TrialDesk(state, conductor)
        self.dense_overlay = DenseOverlay(state, conductor)
        self.ledger = LedgerDesk(state, conductor)
        self.heads = HeadsDesk(state, conductor)
        self.training = TrainingDesk(state, conductor)
        self.survey = SurveyDesk(state, conductor)
        self.tuning = TuningDesk(state, conductor)
