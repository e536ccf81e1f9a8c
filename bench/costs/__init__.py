"""What images of several formats and sizes cost: the figures behind the shipped table of the cost model."""
