"""The program that a launcher runs: ``PYTHON bootstrap.py``, with one line of JSON on stdin.

Runs by path under any interpreter, with or without dasklab installed there. It loads *this*
dasklab package and nothing beside it: the folder that holds the package (often a site-packages of
another environment) never gets onto ``sys.path``. Written for every Python that may be tried, so
that an old one says what is wrong instead of failing on syntax. Multiprocessing's children import
it again as their main module: all that happens then is that those of the fork server end with it.
"""

import json
import os
import sys

OLDEST = (3, 10)
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def load_package():  # type: ignore[no-untyped-def]
    """Make ``import dasklab`` find the package that this file lies in, by path."""
    from importlib.util import module_from_spec, spec_from_file_location

    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    # The script's own folder is on the path; its modules must not shadow anybody's.
    sys.path[:] = [p for p in sys.path if os.path.abspath(p or ".") != os.path.join(here, "host")]
    spec = spec_from_file_location(
        "dasklab", os.path.join(here, "__init__.py"), submodule_search_locations=[here]
    )
    assert spec is not None and spec.loader is not None  # noqa: PT018
    module = module_from_spec(spec)
    sys.modules["dasklab"] = module
    spec.loader.exec_module(module)


def main():  # type: ignore[no-untyped-def]
    """Check the interpreter, then hand over to the warden."""
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        needed = ".".join(str(part) for part in OLDEST)
        error = {
            "code": "interpreter.unfit",
            "message": "%s is Python %s; a cluster's host needs %s or newer."
            % (sys.executable, found, needed),
            "hint": "Choose an environment with a newer Python.",
            "details": {},
        }
        sys.stdout.write(json.dumps({"error": error}) + "\n")
        return 1
    load_package()  # type: ignore[no-untyped-call]
    from dasklab.host.warden import run

    return run()


def end_with_fork_server(module):  # type: ignore[no-untyped-def]
    """Have the system kill this worker when its fork server ends, also one that holds the GIL.

    The fork server ends when its host is gone, however that went, if no worker keeps its pipe
    open. Workers that can run Python look after their host themselves.
    """
    import ctypes
    import signal

    server = module._forkserver
    if server._forkserver_alive_fd is not None:  # for starting processes, which opens another one
        os.close(server._forkserver_alive_fd)
        server._forkserver_alive_fd = None
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main())  # type: ignore[no-untyped-call]
if __name__ == "__mp_main__" and sys.platform.startswith("linux"):
    # There in what a fork server has forked, and not in what was spawned: that is a child of a
    # thread, and would end with it.
    forked = sys.modules.get("multiprocessing.forkserver")
    if forked is not None:
        end_with_fork_server(forked)  # type: ignore[no-untyped-call]
