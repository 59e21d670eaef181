"""Networks that run by their own graph: programs of ``torch.export``, rebuilt from their JSON without running any of it.

``torch.export.load`` is not used: it unpickles what lies beside the graph, and evaluates the expressions of symbolic sizes as
Python. Here a graph is data: calls of known functions of torch on known values, checked on torch's meta device (shapes
without numbers) before any memory is asked for.
"""

from core.zoo.exported.graph import Graph, GraphError, parse
from core.zoo.exported.network import ExportedNetwork, build

__all__ = ["ExportedNetwork", "Graph", "GraphError", "build", "parse"]
