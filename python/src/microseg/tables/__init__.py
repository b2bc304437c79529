"""Tables of transactions, in long format, as histories."""
