"""Reviews that do not block: samples that are looked at afterwards, and ask now, await later."""
