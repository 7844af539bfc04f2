"""The subcommands of ``%dask``, as data: what they take, and what help says of them.

Parsing, completion and help all come from :data:`SUBCOMMANDS`. To add one, add it here, and its
function to :data:`~dasklab.magics.commands.COMMANDS`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ("START", "SUBCOMMANDS", "Subcommand")


@dataclass(frozen=True)
class Subcommand:
    """One subcommand.

    Parameters
    ----------
    usage
        What may follow its name.
    summary
        One line for ``%dask help``.
    more
        What else ``%dask help NAME`` says.
    values
        Options that take a value, as typed, and what they mean.
    flags
        Options that take none.
    names
        Least and greatest number of words that are no options.
    others
        Whether any other ``--option`` is one of a deployment.
    """

    name: str
    usage: str
    summary: str
    more: str = ""
    values: dict[str, str] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    names: tuple[int, int] = (0, 0)
    others: bool = False

    @property
    def line(self) -> str:
        """How to write it."""
        return f"%dask {self.name} {self.usage}".rstrip()


START = Subcommand(
    "start",
    "[DEPLOYMENT|PROFILE] [-n N | --adapt MIN:MAX] [--name X] [--env KERNELSPEC|PYTHON] "
    "[--preview] [--wait N | --no-wait] [--OPTION VALUE ...]",
    "start a cluster in a process of its own and connect `client` to it",
    "DEPLOYMENT may be threads, processes, synchronous or ray: no cluster, this notebook's own\n"
    "-n N, --n-workers N   that many workers\n"
    "--adapt MIN:MAX       as many workers as the work needs, within limits\n"
    "--name X              what to call it; DEPLOYMENT-1, -2, ... otherwise\n"
    "--env ENV             a kernelspec, or the path of a Python; this one otherwise\n"
    "--preview             only show what would run\n"
    "--wait N              come back when N workers are there; all of them otherwise\n"
    "--no-wait             come back at once\n"
    "--set OPTION=VALUE    any option by name, also one that is called like those above",
    values={
        "-n": "workers",
        "--n-workers": "workers",
        "--workers": "workers",
        "--adapt": "adapt",
        "--wait": "wait",
        "--name": "name",
        "--env": "env",
        "--set": "set",
    },
    flags={"--preview": "preview", "--no-wait": "no-wait"},
    names=(0, 1),
    others=True,
)

SUBCOMMANDS: dict[str, Subcommand] = {
    found.name: found
    for found in (
        START,
        Subcommand(
            "list",
            "[--all]",
            "all your clusters, from every notebook",
            "--all   also all that ended in the last day",
            flags={"--all": "all"},
        ),
        Subcommand(
            "use",
            "NAME|ADDRESS [--via ssh://USER@HOST:PORT]",
            "connect `client` to a cluster that is there",
            "NAME may also be of one that %dask discover has found: it is attached to.\n"
            "--via URL              through a tunnel over ssh, which lives as long as the entry;\n"
            "                       ADDRESS is then as that host sees it\n"
            "--key FILE             a private key; --known-hosts FILE: of hosts\n"
            "--tls-ca-file FILE     with --tls-client-cert and --tls-client-key: for tls://...",
            values={
                "--via": "via",
                "--key": "key",
                "--known-hosts": "known_hosts",
                "--tls-ca-file": "tls_ca_file",
                "--tls-client-cert": "tls_client_cert",
                "--tls-client-key": "tls_client_key",
            },
            names=(1, 1),
        ),
        Subcommand(
            "discover",
            "[--env KERNELSPEC|PYTHON]",
            "clusters that run already and are in no list of yours: of a Dask Gateway, ...",
            "--env ENV   whose packages are asked; this one otherwise",
            values={"--env": "env"},
        ),
        Subcommand(
            "scale",
            "N|MIN:MAX [GROUP=N ...] [--jobs N] [--cores N] [--memory SIZE] [--wait]",
            "change the number of workers, or let it follow the work",
            "Instead of N, as many workers as these take (the greatest number counts):\n"
            "--jobs N        jobs of a batch system\n"
            "--cores N       cores of all workers together\n"
            "--memory SIZE   memory of all workers together, such as 100GB; each may be MIN:MAX\n"
            "--wait          come back when the workers are there, or gone with their data moved",
            values={"--jobs": "jobs", "--cores": "cores", "--memory": "memory"},
            flags={"--wait": "wait"},
            names=(0, 20),
        ),
        Subcommand(
            "why",
            "",
            "why there are fewer workers than wanted, and what to change",
        ),
        Subcommand(
            "versions",
            "",
            "which packages differ between this notebook, the scheduler and the workers",
        ),
        Subcommand(
            "install",
            "PACKAGE ... [--pip-options=TEXT]",
            "install packages with pip on all workers, also those to come",
            "PACKAGE is anything that pip takes, such as xgboost or 'xgboost>=2'.\n"
            "--pip-options=TEXT   further options of pip, such as '--upgrade --no-deps'",
            values={"--pip-options": "pip"},
            names=(1, 100),
        ),
        Subcommand("restart", "", "restart all workers; tasks and data are forgotten"),
        Subcommand(
            "stop",
            "[NAME|--all]",
            "end the current cluster, another one, or all",
            "--all   every one; those that were found running are only detached, and go on",
            flags={"--all": "all"},
            names=(0, 1),
        ),
        Subcommand(
            "detach",
            "[NAME]",
            "let go of a cluster that was found running; it goes on",
            names=(0, 1),
        ),
        Subcommand(
            "keep",
            "[--off]",
            "keep the current cluster: no lease ends it",
            "--off   let its lease count again",
            flags={"--off": "off"},
        ),
        Subcommand(
            "logs",
            "[scheduler|workers|host] [-n N] [-f]",
            "what the current cluster says",
            "-n N         so many lines, 50 otherwise\n-f, --follow until interrupted",
            values={"-n": "lines", "--lines": "lines"},
            flags={"-f": "follow", "--follow": "follow"},
            names=(0, 1),
        ),
        Subcommand(
            "open",
            "[PAGE]",
            "a page of the dashboard, below the cell",
            "PAGE is `status` otherwise; <tab> offers the others.",
            names=(0, 1),
        ),
        Subcommand(
            "watch",
            "[--record NAME]",
            "a live strip beneath this cell, its summary in the end; `%%dask` as a first line too",
            "--record NAME   keep the run as a recording",
            values={"--record": "record"},
        ),
        Subcommand(
            "plot",
            "[PLOT ...] [--last 60s | --recording NAME]",
            "live plots beneath the cell, that stay when the cluster has gone",
            "PLOT is task-stream, progress, memory, workers-memory, cpu, occupancy, event-loop,\n"
            "durations, workers, transfers, graph or profile; the first four otherwise.\n"
            "--last TIME        how far back they go\n"
            "--recording NAME   those of a recording instead",
            values={"--last": "last", "--recording": "recording"},
            names=(0, 12),
        ),
        Subcommand(
            "record",
            "NAME [--last 60s]",
            "keep the last run that was watched, by name or in a file NAME.dasklab",
            "--last TIME   keep what the current cluster did in that time instead",
            values={"--last": "last"},
            names=(1, 1),
        ),
        Subcommand("recordings", "", "the runs that are kept; `last`, `last-2`, ... are of cells"),
        Subcommand("compare", "A B", "two recordings beside each other", names=(2, 2)),
        Subcommand(
            "report",
            "FILE.html [RECORDING]",
            "one page to share, about a recording or the last run",
            names=(1, 2),
        ),
        Subcommand("config", "", "dasklab's settings, and where files are"),
        Subcommand(
            "help",
            "[SUBCOMMAND [DEPLOYMENT]]",
            "this; `%dask help start local` lists the options of a deployment",
            names=(0, 2),
        ),
    )
}
