"""Files that broke the reader or its reference once; most were found by hypothesis."""

import struct

import pytest

from ..event_files import VERSION, record
from .test_event_decoding import compare, field

PLAIN = [field(1, struct.pack("<d", 5.0), wire=1)]


def file(*values, time=True):
    """A file of one record that holds these values."""
    summary = b"".join(field(1, field(1, b"loss") + value) for value in values)
    return record(VERSION) + record(b"".join(PLAIN if time else []) + field(5, summary))


def simple(number):
    return field(2, struct.pack("<f", number), wire=5)


def plugin(name, content=b""):
    return field(9, field(1, field(1, name) + content))


FINDINGS = {
    "nothing but histograms of nothing": file(
        field(8, bytes.fromhex("08021208120208001202080322 00")) + plugin(b"histograms")
    ),
    "a header and no candidates to resume at": record(VERSION)[:20],
    "one byte": b"\0",
    "no buckets, and metadata that is read by protobuf": file(
        field(5, b"") + plugin(b"scalars", field(2, b"\xff" * 200))
    ),
    "a tensor and a simple value of one tag in one record": file(
        field(8, bytes.fromhex("08011200220400000000")), simple(1.0)
    ),
    "a number tensor without a number": file(simple(0.0), field(8, bytes.fromhex("08011200")), time=False),
    "a NaN of the signalling kind": file(field(2, bytes.fromhex("0000a07f"), wire=5)),
    "a bfloat16 in tensor_content": file(field(8, bytes.fromhex("080e12002202803f"))),
}


@pytest.mark.parametrize("data", FINDINGS.values(), ids=FINDINGS)
def test_what_broke_once_holds(data):
    compare(data)
