"""What `Inbox.export` gives: decisions to learn from, one form per file."""
