"""HTTP/1.1 that reads an answer while the request is still sent."""
