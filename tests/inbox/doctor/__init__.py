"""What the doctor finds, and what it repairs."""
