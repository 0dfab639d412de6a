"""Tests. `contract` is the specification; the other folders mirror the package."""
