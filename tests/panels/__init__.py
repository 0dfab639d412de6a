"""Panels: who decides, and how many."""
