"""What `Inbox.doctor` looks for, one check per file."""
