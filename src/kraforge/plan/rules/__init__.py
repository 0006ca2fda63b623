"""Rewrites: each is one file and one function, and changes no row of any answer."""
