"""Threads that outlive the process that runs them: pause here, resume there, and be killed."""
