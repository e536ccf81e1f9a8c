"""What a person types: the `darkroom` command, the client and the embedded runner."""
