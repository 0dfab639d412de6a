"""Reports of the audit, what is exported, and what tampering is found."""
