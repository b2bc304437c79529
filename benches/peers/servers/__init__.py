"""Scores the same histories with microseg and with the Python servers: `python -m servers` in this folder's parent."""
