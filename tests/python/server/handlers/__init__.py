"""One file per resource, as in the package."""
