"""Who imports what: loading costs nothing, and a host runs where dasklab is not installed."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .support import SOURCE

ROOT = SOURCE.parents[1]
HEAVY = (
    "dask",
    "distributed",
    "numpy",
    "pandas",
    "bokeh",
    "tornado",
    "jsonschema",
    "jupyter_server",
    "jupyter_client",
    "rich",
    "yaml",
)

BENEATH = ("host", "deployments", "telemetry", "advisor", "model")
"""What runs in a host, beside the modules of :data:`SINGLE`."""

SINGLE = ("errors.py", "processes.py", "record_file.py", "registry.py", "tls.py")
HOSTS_HAVE = {"tornado", "dask", "distributed"}
OUTSIDE = {
    ("telemetry/shipping.py", "cloudpickle"): "distributed brings it along",
    # In functions that only run where the package is there, or that only ask whether it is.
    ("registry.py", "platformdirs"): "a host is told its folder",
    ("deployments/_elsewhere.py", "cloudpickle"): "distributed brings it along",
    ("deployments/_gateway_server.py", "aiohttp"): "dask_gateway brings it along",
    ("deployments/_gateway_server.py", "dask_gateway"): "availability() asks for it",
    ("deployments/gateway.py", "dask_gateway"): "availability() asks for it",
    ("deployments/_aws.py", "aiobotocore"): "dask-cloudprovider brings it along",
    ("deployments/kubernetes/api.py", "httpx"): "kr8s brings it along",
    ("deployments/kubernetes/api.py", "kr8s"): "availability() asks for it",
    ("deployments/kubernetes/before.py", "yaml"): "dask brings it along",
    ("deployments/kubernetes/own_manifest.py", "yaml"): "dask brings it along",
    ("deployments/_jobs.py", "dask_jobqueue"): "availability() asks for it",
    ("deployments/_batch.py", "psutil"): "comes with distributed",
    ("deployments/_batch_advice.py", "psutil"): "comes with distributed",
    ("deployments/_ssh.py", "asyncssh"): "the extra dasklab[ssh]; availability() asks for it",
    ("deployments/_remote.py", "psutil"): "comes with distributed, at the other end",
    ("processes.py", "psutil"): "comes with distributed; unused on Linux",
}


def run(code: str, *flags: str) -> str:
    """What a fresh interpreter prints."""
    environ = {**os.environ, "PYTHONPATH": ""}
    argv = [
        sys.executable,
        *flags,
        "-c",
        f"import sys; sys.path.insert(0, {str(SOURCE.parent)!r})\n{code}",
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=environ)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


LOADED = f"print(sorted(set({HEAVY!r}) & {{name.partition('.')[0] for name in sys.modules}}))"


@pytest.mark.parametrize(
    "code",
    [
        "import dasklab",
        "import dasklab; dasklab.__version__; dir(dasklab)",
        "import dasklab; dasklab.DasklabError",
        "import dasklab.errors, dasklab.model.record, dasklab.model.scaling, dasklab.model.spec",
        "import dasklab.processes, dasklab.registry; dasklab.registry.Registry('/x').records()",
        "import dasklab.host.bootstrap, dasklab.host.warden, dasklab.host.lease",
    ],
)
def test_works_with_the_standard_library_alone(code: str) -> None:
    """No site-packages at all: nothing else can be imported, whatever a test machine has."""
    assert run(f"{code}\n{LOADED}", "-S", "-I") == "[]"


@pytest.mark.parametrize(
    "code",
    [
        "import dasklab",
        "import dasklab.launching, dasklab.environments, dasklab.options, dasklab.config",
        "import dasklab.deployments",
        (
            "from IPython.core.interactiveshell import InteractiveShell as S\n"
            "before = set(sys.modules)\n"
            "import dasklab; dasklab.load_ipython_extension(S())\n"
            "for name in before: sys.modules.pop(name)\n"
        ),
    ],
)
def test_loading_imports_nothing_heavy(code: str) -> None:
    assert run(f"{code}\n{LOADED}") == "[]"


def test_a_host_is_in_the_list_before_it_imports_what_it_runs() -> None:
    """What a launcher waits for where no standby is warm."""
    late = ["asyncio", "dasklab.deployments", "dasklab.host.serving"]
    code = f"import dasklab.host.main\nprint([name for name in {late!r} if name in sys.modules])"
    assert run(code, "-S", "-I") == "[]"


def test_loading_a_client_imports_no_distributed() -> None:
    out = run(f"from dasklab import clusters; clusters()\n{LOADED}")

    assert not {"distributed", "dask", "numpy", "bokeh", "jupyter_server"} & set(
        ast.literal_eval(out)
    )


def absolute_imports(path: Path) -> set[str]:
    """Names of the packages that a file imports, anywhere in it, but for types."""
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    types = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    inside = {id(child) for node in types for child in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"dasklab"}


def host_files() -> list[Path]:
    files = [SOURCE / name for name in SINGLE]
    for folder in BENEATH:
        files += sorted((SOURCE / folder).rglob("*.py"))
    return files


def test_hosts_import_only_what_they_have() -> None:
    """A deployment's own package may be imported inside its methods: those are listed here."""
    foreign = {
        (str(path.relative_to(SOURCE)), package)
        for path in host_files()
        for package in absolute_imports(path) - HOSTS_HAVE
    }

    assert foreign - OUTSIDE.keys() == set()
    assert OUTSIDE.keys() - foreign == set(), "take them off the list"


def test_bootstrap_parses_on_old_pythons() -> None:
    text = (SOURCE / "host" / "bootstrap.py").read_text()

    assert text.isascii()
    ast.parse(text, feature_version=(3, 4))
    assert 'f"' not in text


def test_layers() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(SOURCE.parent)},
    )

    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr
