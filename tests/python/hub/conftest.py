"""One JupyterHub for all tests here, below a base URL that is not ``/``, and two users."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .rig import Hub, User


@pytest.fixture(scope="session")
def hub() -> Iterator[Hub]:
    """Behind a prefix, as where a Hub is one of several things on a site."""
    with Hub("/science/") as hub:
        yield hub


@pytest.fixture(scope="session")
def ada(hub: Hub) -> User:
    """A user with a running server."""
    return hub.start_server("ada")


@pytest.fixture(scope="session")
def bob(hub: Hub) -> User:
    """Another one."""
    return hub.start_server("bob")


@pytest.fixture(autouse=True)
def _no_clusters_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test finds the users without clusters, and leaves them so."""
    yield
    for name in {"ada", "bob"} & set(request.fixturenames):
        request.getfixturevalue(name).stop_clusters()
