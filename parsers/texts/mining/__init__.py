"""Lines of a text log, mined: lines of one skeleton are gathered, their numbers column by column."""
