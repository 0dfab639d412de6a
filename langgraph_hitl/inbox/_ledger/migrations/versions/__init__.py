"""One script per version. A released script never changes."""
