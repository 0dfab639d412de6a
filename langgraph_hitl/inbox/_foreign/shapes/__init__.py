"""The shapes in which others ask, one per file; `shape_of` tells which one it is."""
