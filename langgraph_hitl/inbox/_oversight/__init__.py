"""How supervised runs are watched step by step, held, steered and ended."""
