"""Where rows come from: engines that run SQL, and plain data read by an embedded engine."""

from kraforge.sources.connect import connect

__all__ = ["connect"]
