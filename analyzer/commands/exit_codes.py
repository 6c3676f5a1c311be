"""Exit codes of the command line, as `trainlint --help` lists them."""

DONE = 0
FOUND = 1  # a finding at or above --fail-on
USAGE = 2
NOTHING_JUDGED = 3  # no run could be judged
INCOMPLETE = 4  # with --strict: input unreadable or not checked, or a parser or rule failed
SIGNALLED = 128  # plus the number of the signal, as shells report it: 129 SIGHUP, 130 SIGINT (Ctrl-C), 143 SIGTERM
