"""How an upload becomes a batch: parts, files, the form, and the commit."""
