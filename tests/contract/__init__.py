"""What a gate promises, written once and run on every saver, face and durability."""
