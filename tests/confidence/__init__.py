"""Sources of a confidence."""
