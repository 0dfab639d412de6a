"""Gates described as data: what stands where, and what it means. Every doubt is a `GateError`."""
