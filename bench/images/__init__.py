"""Measures the image engine against naive Pillow, libvips and Thumbor's engine: `make bench-images`."""
