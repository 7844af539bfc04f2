"""Batch systems asked through their own commands: one module each."""
