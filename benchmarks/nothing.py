"""An IPython extension that does nothing: what loading any costs."""

__all__ = ("load_ipython_extension",)


def load_ipython_extension(shell: object) -> None:
    """Do nothing."""
