"""HTTP in, batches out; progress, pages and prints back."""
