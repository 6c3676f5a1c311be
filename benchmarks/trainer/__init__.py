"""A small real trainer with injected faults: the logs it writes tell how often the rules are right about real networks.

Eight tasks, each trained soundly in several ways (`healthy.py`) and with faults that people really make (`faults.py`),
logged in five formats under five ways of naming (`loggers.py`). A training is told by its name and its seed. Whoever
changes a rule looks at even seeds; published rates come from odd ones. Nothing is downloaded.

What must be found is said before the training: what a fault does to the log is looked at, what the rules say is not.
Only the modules that train need torch; what is trained can be read without it.
"""
