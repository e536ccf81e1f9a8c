"""Real-looking photographs for trying, testing and benching Darkroom where no camera is at hand."""

from examples.sample_photographs.writing import write_sample_photographs

__all__ = ["write_sample_photographs"]
