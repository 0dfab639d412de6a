"""What people write and read: durations, and what was meant by a word that is unknown."""
