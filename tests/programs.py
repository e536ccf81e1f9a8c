"""Programs of others that a test may find missing; `make servers` installs them where there is apt-get."""

import shutil

import pytest

needs_jpegtran = pytest.mark.skipif(
    shutil.which("jpegtran") is None, reason="jpegtran is not installed: apt-get install libjpeg-turbo-progs"
)
needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="tesseract is not installed: apt-get install tesseract-ocr"
)
needs_prometheus = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="Prometheus is not installed: apt-get install prometheus"
)
