"""Exit codes of the command line, as `trainlint --help` lists them."""

DONE = 0
FOUND = 1  # a finding at or above --fail-on
USAGE = 2
NOTHING_JUDGED = 3  # no run could be judged
INCOMPLETE = 4  # with --strict: input unreadable or not checked, or a parser or rule failed
HUNG_UP = 129  # SIGHUP; 128 plus the number of the signal, as shells report it
INTERRUPTED = 130  # SIGINT (Ctrl-C)
TERMINATED = 143  # SIGTERM
