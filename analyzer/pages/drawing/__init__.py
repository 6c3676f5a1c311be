"""Charts and static plots on the pages."""
