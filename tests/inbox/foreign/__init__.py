"""Interrupts that no gate with an inbox has raised."""
