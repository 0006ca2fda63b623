"""Define, check, compute and explain KPIs from formulas in config."""
