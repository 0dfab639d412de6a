"""How sure a model was."""
