"""Whatever a server does, in whatever order: the file is whole and right, or not there under its name."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.weights.fetch.download import download
from core.weights.fetch.errors import FetchError
from tests.core.weights.fetch.conftest import CONTENT, QUICK, run, weights_at
from tests.helpers import file_server as manners
from tests.helpers.file_server import file_server

MANNERS = st.one_of(
    st.integers(0, len(CONTENT)).map(manners.ending_after),
    st.sampled_from([
        manners.well, manners.lying, manners.ignoring_range, manners.giving_another_range, manners.web_page,
        manners.web_page_in_disguise, manners.refusing(503), manners.refusing(404), manners.refusing(416),
        manners.sending(bytes(len(CONTENT))), manners.sending(CONTENT[:-5]), manners.without_length(CONTENT),
        manners.without_length(CONTENT[:-70_000]), manners.redirecting("/elsewhere"),
    ]),
)  # fmt: skip


@given(st.lists(MANNERS, max_size=6), st.sampled_from([0, 1, 150_000, len(CONTENT), len(CONTENT) + 9]), st.booleans())
@settings(max_examples=30)
def test_whole_or_not_there(sequence, left, right):
    before = (CONTENT if right else bytes(len(CONTENT)))[:left].ljust(left, b"x")
    with file_server(CONTENT) as server, tempfile.TemporaryDirectory() as name:
        server.manners = list(sequence)
        weights, folder = weights_at(server.address), Path(name)
        (folder / f"{weights.filename}.part").write_bytes(before)
        try:
            run(download(weights, options=QUICK, folder=folder))
        except FetchError:
            assert not (folder / weights.filename).exists()
            # Whoever asks again when the server has come to its senses gets the file.
            server.manners = []
            run(download(weights, options=QUICK, folder=folder))
        assert [path.name for path in folder.iterdir()] == [weights.filename]
        assert (folder / weights.filename).read_bytes() == CONTENT
