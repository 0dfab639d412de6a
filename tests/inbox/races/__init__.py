"""Decided once and run once, shown with real processes that race and that are killed."""
