"""Running graphs under the lock of their thread, and finishing what was begun."""
