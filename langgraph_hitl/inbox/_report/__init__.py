"""What `Inbox.report` gives, one form per file."""
