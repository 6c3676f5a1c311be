"""All event files below a folder of one's own, against the plain protobuf loop: set EVENT_FILES to the folder."""

import os
from pathlib import Path

import pytest

from .test_event_decoding import compare

FOLDER = os.environ.get("EVENT_FILES")
PATHS = sorted(Path(FOLDER).rglob("*tfevents*")) if FOLDER else []


@pytest.mark.skipif(not PATHS, reason="EVENT_FILES names no folder with event files")
@pytest.mark.parametrize("path", PATHS, ids=str)
def test_files_found_in_the_wild_read_as_with_protobuf(path):
    compare(path.read_bytes())
