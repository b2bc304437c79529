"""Description of a network: plain data without torch, and `network.json`."""
