"""What a person types: the `darkroom` command and the embedded runner."""
