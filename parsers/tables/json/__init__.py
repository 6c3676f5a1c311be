"""Tables of JSON documents and JSON lines."""
