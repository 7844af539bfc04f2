"""What is read off a scheduler while it works. Runs there: standard library and distributed."""
