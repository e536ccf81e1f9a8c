"""Images that move: their frames, their times and their encoding."""
