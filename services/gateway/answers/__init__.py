"""What every answer is made of: envelopes, errors, words, and limits on requests."""
