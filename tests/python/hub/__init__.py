"""A real JupyterHub: two users, its proxy, its culler."""
