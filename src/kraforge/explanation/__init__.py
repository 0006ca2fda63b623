"""What KPIs mean, in plain words."""

from kraforge.explanation.explain import explain, explain_catalog
from kraforge.explanation.report import Count, Definition, Explanation, Group, Leaf, Table

__all__ = ["Count", "Definition", "Explanation", "Group", "Leaf", "Table", "explain", "explain_catalog"]
