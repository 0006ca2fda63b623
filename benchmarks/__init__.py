"""How fast kraforge is, always beside the best SQL written by hand and always within one run."""
