"""The page measured in a real Chromium."""
