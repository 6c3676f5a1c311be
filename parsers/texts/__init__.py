"""Plain-text logs: lines, dialects, crashes."""
