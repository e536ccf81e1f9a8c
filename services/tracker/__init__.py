"""Results in; progress documents and hints out."""
