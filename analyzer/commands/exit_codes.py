"""Exit codes of the command line, as `trainlint --help` lists them."""

DONE = 0
FOUND = 1  # something at or above --fail-on
USAGE = 2
NOTHING_JUDGED = 3  # no readable run, or no metric recognised in any
INCOMPLETE = 4  # some input unreadable or not checked, or a parser or rule failed, under --strict
SIGNALLED = 128  # and the number of the signal, as in shells: 129 SIGHUP, 130 SIGINT (Ctrl-C), 143 SIGTERM
