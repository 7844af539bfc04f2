"""Code that connects a notebook."""

from __future__ import annotations

import ast
from typing import Any

from ..conftest import Ask

HOSTILE = "x'); import os; os.system('true') #\n\u202e"


async def test_the_code_is_what_a_user_would_write(api: Ask, registered: Any) -> None:
    record = registered(name="mine")
    code = (await api("GET", f"clusters/{record.id}/code")).json
    assert code["connect"] == "import dasklab\nclient = dasklab.connect('mine')"
    assert code["plain"] == (
        "from distributed import Client\nclient = Client('tcp://127.0.0.1:40000')"
    )


async def test_there_is_no_address_before_there_is_a_scheduler(api: Ask, registered: Any) -> None:
    record = registered(scheduler=None)
    code = (await api("GET", f"clusters/{record.id}/code")).json
    assert code["plain"] is None
    assert "dasklab.connect" in code["connect"]


async def test_a_hostile_name_or_address_stays_a_string(api: Ask, registered: Any) -> None:
    record = registered(name=HOSTILE, scheduler={"address": HOSTILE, "id": "x"})
    for text in (await api("GET", f"clusters/{record.id}/code")).json.values():
        first, second = ast.parse(text).body
        assert isinstance(first, ast.Import | ast.ImportFrom)
        assert isinstance(second, ast.Assign)
        assert isinstance(second.value, ast.Call)
        assert ast.literal_eval(second.value.args[0]) == HOSTILE
        assert "\u202e" not in text


async def test_schedulers_that_want_credentials(api: Ask, registered: Any) -> None:
    files = {"tls_ca_file": "/x/ca.pem", "tls_client_cert": "/x/c.pem"}
    record = registered(scheduler={"address": "tls://10.0.0.5:1", "id": "x", "security": files})
    code = (await api("GET", f"clusters/{record.id}/code")).json
    assert code["plain"] == (
        "from distributed import Client, Security\n"
        "security = Security(require_encryption=True, tls_ca_file='/x/ca.pem', "
        "tls_client_cert='/x/c.pem')\n"
        "client = Client('tls://10.0.0.5:1', security=security)"
    )
    address = "gateway://hub.example:443/9d348e"
    record = registered(scheduler={"address": address, "id": "x", "security": files})
    code = (await api("GET", f"clusters/{record.id}/code")).json
    assert code["plain"] == (
        "from dask_gateway import GatewayCluster\n"
        "client = GatewayCluster.from_name('9d348e').get_client()"
    )
