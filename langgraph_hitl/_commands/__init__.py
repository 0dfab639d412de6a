"""The commands of the inbox (extras `[cli]` and `[inbox]`), one file each.

What is the same for all of them: `options` (what they take), `settings` (what the configuration
says), `graphs` and `opened` (where reviews and graphs come from), `output` (tables or JSON), and
`status` (how they end). The inbox itself is imported by a command that runs, not by `--help`.
"""
