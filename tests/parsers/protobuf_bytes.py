"""Protobuf fields written byte by byte, so that no parser is tested against its own reading of the format."""


def varint(number):
    number &= (1 << 64) - 1
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def field(number, content, wire=2):
    """One field; content is text or bytes (length is put before), a number (varint), or packed already."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | wire) + (varint(len(content)) + content if wire == 2 else content)
