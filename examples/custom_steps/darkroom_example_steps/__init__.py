"""Two steps for Darkroom's recipes."""
