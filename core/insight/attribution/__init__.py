"""Attribution: which parts of a picture speak for a category, by several methods."""

from core.insight.attribution.explaining import explain

__all__ = ["explain"]
