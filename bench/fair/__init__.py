"""Whether a small batch notices the large ones beside it: `make bench-fair`."""
