"""What people ask of recorded batches and of recipes, and how batches are watched."""
