"""What today's clients read of a request and send as an answer."""
