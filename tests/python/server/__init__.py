"""The server extension, under a real Jupyter server with real hosts behind it."""
