"""Catalogs that ship with the package."""
