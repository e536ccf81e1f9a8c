"""The image engine: bytes and a recipe in, prints out; the only place that imports Pillow."""
