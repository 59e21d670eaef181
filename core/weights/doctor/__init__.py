"""The checkpoint doctor: what a weights file is, what is wrong with it, and what can be done about it."""

from core.weights.doctor.diagnosis import diagnose
from core.weights.doctor.repair import KINDS, Repaired, repaired, usual_repairs
from core.weights.doctor.saving import check_out, copy_name, save_repaired

__all__ = ["KINDS", "Repaired", "check_out", "copy_name", "diagnose", "repaired", "save_repaired", "usual_repairs"]
