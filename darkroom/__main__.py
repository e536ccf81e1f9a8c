"""`python -m darkroom` is the `darkroom` command."""

from darkroom.cli import main

if __name__ == "__main__":
    main()
