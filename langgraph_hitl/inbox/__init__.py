"""The inbox: the queue of record of reviews (extra `[inbox]`)."""
