"""Policies described as data: what stands where, and what it means."""
