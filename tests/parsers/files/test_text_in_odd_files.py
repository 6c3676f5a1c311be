"""Text logs as files that something happened to: NUL bytes before them, marks of encodings, cells left off, odd headers."""

import gzip

import pytest

from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.read import read_group
from trainlint.parsers.files.text import MIN_PADDING

ROWS = "epoch,loss,val_loss\n" + "".join(f"{i},{2 - i / 32},{3 - i / 32}\n" for i in range(20))
LINES = "".join(f'{{"epoch": {i}, "loss": {2 - i / 32}, "val_loss": {3 - i / 32}}}\n' for i in range(20))
TEXT = "".join(f"epoch {i}: loss {2 - i / 32:.5f} val_loss {3 - i / 32:.5f}\n" for i in range(20))
LOSS, VAL = (20, 0, 19, 2.0), (20, 0, 19, 3.0)


def read(folder, name, content):
    """What is read of one file: by tag, how many points, the first and the last step, the first value; and the notes."""
    path = folder / "exp" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = discover([path.parent])
    runs = [run for group in found.groups for run in read_group(group, found.root, strict=True)]
    curves = {
        c.tag: (len(c), int(c.step[0]), int(c.step[-1]), float(c.value[0])) for run in runs for c in run.all_curves
    }
    return curves, [note.message for run in runs for note in run.notes]


@pytest.mark.parametrize(("name", "text"), [("a.csv", ROWS), ("a.jsonl", LINES), ("a.log", TEXT)])
@pytest.mark.parametrize("count", [MIN_PADDING, 4096, 3_000_001])
def test_nul_bytes_before_a_log(tmp_path, name, text, count):
    curves, notes = read(tmp_path, name, bytes(count) + text.encode())
    assert curves == {"loss": LOSS, "val_loss": VAL}
    assert notes == [f"{count} NUL bytes at the start were skipped"]


def test_nul_bytes_before_a_long_log(tmp_path):
    """Such files are read in chunks."""
    text = "step,loss\n" + "".join(f"{i},{1 + i % 7}\n" for i in range(200_000))
    curves, notes = read(tmp_path, "a.csv", bytes(4096) + text.encode())
    assert curves == {"loss": (200_000, 0, 199_999, 1.0)}
    assert notes == ["4096 NUL bytes at the start were skipped"]


def test_nul_bytes_before_a_packed_log(tmp_path):
    curves, _ = read(tmp_path, "a.csv.gz", gzip.compress(bytes(4096) + ROWS.encode(), mtime=0))
    assert curves == {"loss": LOSS, "val_loss": VAL}


@pytest.mark.parametrize("data", [bytes(100), bytes(4096), bytes(64) + bytes(range(256)) * 9])
def test_what_is_no_text_behind_nul_bytes(tmp_path, data):
    assert read(tmp_path, "a.log", data)[0] == {}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(("name", "text"), [("a.csv", ROWS), ("a.jsonl", LINES), ("a.log", TEXT)])
def test_encodings(tmp_path, encoding, name, text):
    assert read(tmp_path, name, text.encode(encoding)) == ({"loss": LOSS, "val_loss": VAL}, [])


@pytest.mark.parametrize("repeat", [1, 30_000])
def test_several_marks(tmp_path, repeat):
    """As `cat` and PowerShell leave them; in a long file as well."""
    head, _, rows = ROWS.partition("\n")
    curves, _ = read(tmp_path, "a.csv", b"\xef\xbb\xbf" * 3 + f"{head}\n{rows * repeat}".encode())
    assert set(curves) == {"loss", "val_loss"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("every", [2, 5, 1000])
def test_trailing_cells_left_off(tmp_path, delimiter, every):
    """Rows without a validation end with their last filled cell."""
    rows = [
        ("epoch", "loss", "val_loss", "val_acc"),
        *((i, 2 - i / 256, 3 - i / 256, i / 128)[: 4 if i % every == every - 1 else 2] for i in range(100)),
    ]
    curves, notes = read(tmp_path, "a.csv", "".join(delimiter.join(map(str, row)) + "\n" for row in rows))
    assert curves.pop("loss") == (100, 0, 99, 2.0)
    assert not notes
    if every < 1000:
        assert curves["val_loss"] == (100 // every, every - 1, 99, 3 - (every - 1) / 256)


@pytest.mark.parametrize(
    "text",
    [
        "loss, as we said, falls\nthen, it rises\nand so, it ends\n" * 9,  # prose
        "model,loss,accuracy,size\n" + "resnet,0.5\nvit,0.4\nmlp,0.9\n" * 4,  # one number a row
    ],
)
def test_what_is_no_table_with_cells_left_off(tmp_path, text):
    assert read(tmp_path, "a.csv", text)[0] == {}


PADDED = "#  step      rmse_val    rmse_trn          lr\n" + "".join(
    f"{100 * i:10d}  {9 - i / 4:12.2e}{8 - i / 4:12.2e}    {1e-3:.1e}\n" for i in range(20)
)


@pytest.mark.parametrize("name", ["lcurve.out", "a.dat", "a.txt", "curve"])
@pytest.mark.parametrize("before", ["", "# made by hand\n#\n"])
def test_a_header_in_a_comment(tmp_path, name, before):
    curves, notes = read(tmp_path, name, before + PADDED)
    assert curves == {"rmse_val": (20, 0, 1900, 9.0), "rmse_trn": (20, 0, 1900, 8.0), "lr": (20, 0, 1900, 1e-3)}
    assert not notes


def series(header, values, start=0):
    return header + "\n" + "".join(f"{i},{v}\n" for i, v in enumerate(values, start))


@pytest.mark.parametrize("name", ["val_loss.csv", "loss.txt", "train_acc.csv.gz"])
def test_a_series_of_pandas_is_named_by_its_file(tmp_path, name):
    text = series(",0", [2 - i / 32 for i in range(20)]).encode()
    curves, notes = read(tmp_path, name, gzip.compress(text) if name.endswith("gz") else text)
    assert (curves, notes) == ({name.split(".")[0]: LOSS}, [])


@pytest.mark.parametrize(
    "text", [series(",0", range(20)), series(",loss", range(20)), series(",0", range(20), start=7)]
)
def test_other_numbered_columns_are_no_series(tmp_path, text):
    curves, _ = read(tmp_path, "table.csv", text)
    assert "table" not in curves
