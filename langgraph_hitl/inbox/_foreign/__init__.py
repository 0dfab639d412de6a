"""Interrupts that no gate with an inbox has raised, as reviews; see `Inbox.watch`."""
