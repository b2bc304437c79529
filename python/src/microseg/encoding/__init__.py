"""Reference encoder in plain Python, independent of the service."""
