"""A rolling upgrade from an older commit, both versions side by side on the same real servers."""
