"""Links that work under any prefix, and the hook that waits for an import."""

from __future__ import annotations

import importlib.util
import json
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from dasklab import links
from dasklab.imports import _finder, after_import
from dasklab.model.record import Endpoint, Phase

from .support import make_record


@pytest.mark.parametrize(
    ("environ", "base"),
    [
        ({}, None),
        ({"DASKLAB_BASE_URL": "/"}, "/"),
        ({"DASKLAB_BASE_URL": "/user/ada/"}, "/user/ada/"),
        ({"DASKLAB_BASE_URL": "user/ada"}, "/user/ada/"),
        ({"DASKLAB_BASE_URL": "//evil.example/"}, "/evil.example/"),
        ({"DASKLAB_BASE_URL": '/a"b/'}, "/a%22b/"),
        ({"JUPYTERHUB_SERVICE_PREFIX": "/user/bob/lab/"}, "/user/bob/lab/"),
        ({"DASKLAB_BASE_URL": "/x/", "JUPYTERHUB_SERVICE_PREFIX": "/y/"}, "/x/"),
        ({"JPY_PARENT_PID": "not a number"}, None),
        ({"JPY_PARENT_PID": "99999999"}, None),
    ],
)
def test_base_url(environ: dict[str, str], base: str | None) -> None:
    assert links.base_url(environ) == base


def test_base_url_of_the_server_that_started_the_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "jpserver-123.json").write_text(json.dumps({"base_url": "/pre/", "token": "x"}))
    assert links.base_url({"JPY_PARENT_PID": "123"}) == "/pre/"
    (tmp_path / "jpserver-123.json").write_text("{")
    assert links.base_url({"JPY_PARENT_PID": "123"}) is None


def test_paths_are_quoted() -> None:
    path = links.dashboard_path("/p/", "a/../b", "x y?")
    assert path == "/p/dasklab/dashboard/a%2F..%2Fb/x%20y%3F"


@pytest.fixture
def listed(registry: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A live cluster in the list whose dashboard listens on port 4000."""
    monkeypatch.setattr(links, "_registry", registry)
    record = make_record(dashboard=Endpoint("127.0.0.1", 4000))
    registry.write(record)
    return record


def test_which_cluster_a_link_is_of(listed: Any, registry: Any) -> None:
    expected = f"/b/dasklab/dashboard/{listed.id}/status"
    assert links.link_for("127.0.0.1", 4000, "/b/") == expected
    assert links.link_for("localhost", "4000", "/b/") == expected
    assert links.link_for("127.0.0.1", 4001, "/b/") is None
    assert links.link_for("10.0.0.1", 4000, "/b/") is None
    registry.write(make_record(dashboard=Endpoint("127.0.0.1", 4000), phase=Phase.STOPPED))
    assert links.link_for("127.0.0.1", 4000, "/b/") is None


def test_dasks_own_links(listed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import dask.config
    from distributed.utils import format_dashboard_link

    monkeypatch.setenv("DASKLAB_BASE_URL", "/b/")
    template = "{scheme}://{host}:{port}/status"
    with dask.config.set({"distributed.dashboard.link": template}):
        links.install_dask_links()
        expected = f"/b/dasklab/dashboard/{listed.id}/status"
        assert format_dashboard_link("127.0.0.1", 4000) == expected
        assert format_dashboard_link("10.0.0.1", 8787) == "http://10.0.0.1:8787/status"
        link = dask.config.get("distributed.dashboard.link")
        assert type(pickle.loads(pickle.dumps(link))) is str
        assert pickle.loads(pickle.dumps(link)) == template
        assert json.loads(json.dumps({"link": link})) == {"link": template}
        # A registry that cannot be read must not spoil a repr.
        monkeypatch.setattr(links, "_registry", None)
        monkeypatch.setenv("DASKLAB_HOME", "/dev/null")
        assert format_dashboard_link("127.0.0.1", 4000) == "http://127.0.0.1:4000/status"


def test_without_a_server_links_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    import dask.config

    for name in ("DASKLAB_BASE_URL", "JUPYTERHUB_SERVICE_PREFIX", "JPY_PARENT_PID"):
        monkeypatch.delenv(name, raising=False)
    with dask.config.set({"distributed.dashboard.link": "x"}):
        links.install_dask_links()
        assert type(dask.config.get("distributed.dashboard.link")) is str


# -- after_import ---------------------------------------------------------------------------------
@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes a module that can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name: str, text: str = "") -> str:
        (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.delitem(sys.modules, name, raising=False)
        importlib.invalidate_caches()
        return name

    yield write
    for path in tmp_path.glob("*.py"):
        sys.modules.pop(path.stem, None)
    assert _finder not in sys.meta_path, "it takes itself away"


def test_called_once_when_it_is_imported(module: Any) -> None:
    name = module("dl_one", "x = 1")
    called: list[Any] = []
    after_import(name, lambda found: called.append(found.x))
    assert importlib.util.find_spec(name) is not None, "looking is not importing"
    assert called == []
    found = importlib.import_module(name)
    assert called == [1]
    assert type(found.__loader__).__name__ == "SourceFileLoader"
    assert type(found.__spec__.loader).__name__ == "SourceFileLoader"
    assert importlib.reload(found) is found
    assert called == [1]


def test_called_at_once_when_it_is_there() -> None:
    called: list[str] = []
    after_import("json", lambda found: called.append(found.__name__))
    assert called == ["json"]
    assert _finder not in sys.meta_path


def test_a_callback_may_wait_for_the_same_module(module: Any) -> None:
    name = module("dl_nested")
    called: list[int] = []
    after_import(name, lambda _: after_import(name, lambda _: called.append(1)))
    importlib.import_module(name)
    assert called == [1]


def test_an_import_that_fails_may_be_tried_again(module: Any) -> None:
    name = module("dl_fails", "raise ImportError('not yet')")
    called: list[int] = []
    after_import(name, lambda _: called.append(1))
    with pytest.raises(ImportError, match="not yet"):
        importlib.import_module(name)
    assert called == []
    module("dl_fails", "# better now")
    importlib.import_module(name)
    assert called == [1]


def test_a_callback_that_fails_spoils_no_import(module: Any, caplog: Any) -> None:
    name = module("dl_bad_callback")
    after_import(name, lambda _: 1 / 0)
    importlib.import_module(name)
    assert "dl_bad_callback" in caplog.text


def test_imported_by_several_threads_at_once(module: Any) -> None:
    name = module("dl_threads", "import time; time.sleep(0.05); y = 2")
    called: list[int] = []
    seen: list[int] = []
    after_import(name, lambda found: called.append(found.y))
    threads = [
        threading.Thread(target=lambda: seen.append(importlib.import_module(name).y))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert called == [2]
    assert seen == [2] * 8


def test_distributed_in_a_fresh_process() -> None:
    code = (
        "import sys, dasklab.links as links\n"
        "links.install_dask_links()\n"
        "assert 'distributed' not in sys.modules\n"
        "import distributed, dask.config\n"
        "print(type(dask.config.get('distributed.dashboard.link')).__name__)"
    )
    environ = {"DASKLAB_BASE_URL": "/b/", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=True
    )
    assert done.stdout.strip() == "_Link"
