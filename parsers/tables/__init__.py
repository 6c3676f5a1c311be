"""Tables of text and JSON: cells, columns, axes, layout."""
