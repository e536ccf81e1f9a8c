"""Rewrite a JPEG of several scans as one that is read in one pass, which takes no memory for its coefficients.

The coefficients stay the same, and so do the pixels (but that libjpeg smooths a progressive file whose last scans are
missing). The process that holds all of them meanwhile is another, which has ended before anything is decoded here.
"""

import shutil
import subprocess

from services.worker.imaging.image_bytes import ImageBytes

_PROGRAM = "jpegtran"
"""Of libjpeg-turbo (Debian's libjpeg-turbo-progs), or of IJG's libjpeg."""


def rewrite_in_one_pass(original: ImageBytes) -> bool:
    """Put the JPEG in one scan, with all its metadata; False where jpegtran is missing, finds fault or cannot start.

    The program inherits this process's limits. It holds 2 bytes for each coefficient: 300 MB of 50 megapixels without
    chroma subsampling.
    """
    program = shutil.which(_PROGRAM)
    if program is None:
        return False
    try:
        # Nothing in the command comes from outside. Warnings, too, end the program with a code other than 0.
        rewritten = subprocess.run([program, "-copy", "all"], input=original.data, capture_output=True, check=False)  # noqa: S603
    except OSError:
        return False  # no process can be started at present, which is not the file's fault
    if rewritten.returncode:
        return False
    original.data = rewritten.stdout
    return True
