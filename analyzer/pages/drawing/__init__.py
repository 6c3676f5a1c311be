"""Charts and pictures on the pages."""
