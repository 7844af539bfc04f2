"""The configuration of the tests' JupyterHub: one process a user, on loopback, any name, no PAM.

``HUB_RIG`` holds what differs from run to run. Each user has a home of their own, though all of
them are the same user of the system: what keeps them apart is what a Hub keeps apart.
"""

import json
import os

rig = json.loads(os.environ["HUB_RIG"])
folder, environment = rig["folder"], rig["environment"]
c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.JupyterHub.bind_url = rig["url"]
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{rig['hub_port']}"
c.JupyterHub.db_url = f"sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{folder}/cookie_secret"
c.JupyterHub.last_activity_interval = 1
c.JupyterHub.activity_resolution = 0
c.JupyterHub.services = [
    {"name": "tests", "api_token": rig["token"]},
    {
        "name": "tests-culler",
        "api_token": rig["culler_token"],
    },
]
c.JupyterHub.load_roles = [
    {
        "name": "tests",
        "services": ["tests"],
        "scopes": ["admin:users", "admin:servers", "access:servers", "tokens"],
    },
    {
        # As the culler's own documentation asks for, and no more.
        "name": "culler",
        "services": ["tests-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    },
]

c.ConfigurableHTTPProxy.command = ["node", rig["proxy"]]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{rig['proxy_port']}"
c.ConfigurableHTTPProxy.auth_token = rig["proxy_token"]
c.ConfigurableHTTPProxy.pid_file = f"{folder}/proxy.pid"

c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = rig["password"]
c.Authenticator.allow_all = True

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{folder}/home/{{username}}"
c.Spawner.cmd = [rig["singleuser"]]
c.Spawner.args = ["--allow-root"] if os.getuid() == 0 else []
c.Spawner.ip = "127.0.0.1"
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = c.Spawner.http_timeout = 60
c.Spawner.env_keep = ["LANG", "LC_ALL", "PATH"]
c.Spawner.environment = environment
