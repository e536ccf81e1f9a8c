"""What the gateway does beside requests: passing batches on, tidying up, looking after the store."""
