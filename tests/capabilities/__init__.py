"""One test for each capability that the package promises, under its id in `docs/capabilities.md`.

Each drives a compiled graph on a saver that lasts, pauses it, and goes on with a fresh graph on
fresh connections. The details are tested in the folders that mirror the package.
"""
