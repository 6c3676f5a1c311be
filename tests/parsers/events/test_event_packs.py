import numpy as np
import pytest

from trainlint.parsers.formats.frameworks.tensorboard import parse_files, parse_folders

from ..event_files import record, scalar, start, tensor, write


def same(one, other):
    assert (one.path, one.framework, one.sources, one.notes) == (
        other.path,
        other.framework,
        other.sources,
        other.notes,
    )
    assert [(c.name, c.segments) for c in one.all_curves] == [(c.name, c.segments) for c in other.all_curves]
    for a, b in zip(one.all_curves, other.all_curves, strict=True):
        for name in ("step", "value", "wall_time"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def run(folder, number, *extra):
    folder = folder / f"run{number}"
    folder.mkdir()
    rows = [scalar(tag, number + i / 8, i) for i in range(40) for tag in ("loss", f"acc{number % 3}")]
    return [write(folder, *rows, *extra)]


ODD = {
    "all plain": (),
    "a tensor": (tensor("x", 1, "scalars", dtype=1, float_val=[1.0]),),
    "a restart": (start(3), scalar("loss", 9.0, 3)),
    "a broken payload": (record(scalar("loss", 1.0))[:-1] + b"\0",),
    "a cut tail": (record(scalar("loss", 1.0))[:-5],),
    "zeros": (bytes(100),),
    "no text": (record(scalar("loss", 1.0).SerializeToString().replace(b"loss", b"\xff\xfe\xfd\xfc")),),
}


@pytest.mark.parametrize("extra", ODD.values(), ids=ODD)
def test_runs_read_together_are_as_if_read_one_by_one(tmp_path, extra):
    folders = [run(tmp_path, number, *(extra if number == 4 else ())) for number in range(9)]
    for one, paths in zip(parse_folders(folders), folders, strict=True):
        same(one, parse_files(paths))


def test_files_of_one_run_keep_their_boundaries(tmp_path):
    folders = [run(tmp_path, number) for number in range(3)]
    folders[1].append(write(folders[1][0].parent, scalar("loss", 1.0, 60), name="z.tfevents"))
    for one, paths in zip(parse_folders(folders), folders, strict=True):
        same(one, parse_files(paths))


def test_an_empty_file_and_no_folder(tmp_path):
    folders = [run(tmp_path, 0), run(tmp_path, 1)]
    folders[1][0].write_bytes(b"")
    assert [bool(one.all_curves) for one in parse_folders(folders)] == [True, False]
    assert list(parse_folders([])) == []
