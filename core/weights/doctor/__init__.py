"""The checkpoint doctor: what a weights file is, what is wrong with it, and what can be done about it."""

from core.weights.doctor.diagnosis import diagnose
from core.weights.doctor.repair import KINDS, Repaired, copy_name, repaired, save_repaired, usual_repairs

__all__ = ["KINDS", "Repaired", "copy_name", "diagnose", "repaired", "save_repaired", "usual_repairs"]
