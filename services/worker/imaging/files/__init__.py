"""Images as hostile bytes: what a file is and whether it may be decoded, before any pixel."""
