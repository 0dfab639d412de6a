"""The command line of the inbox."""
