"""Images as pixels: decoding, colour, geometry and encoding."""
