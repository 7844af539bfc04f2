"""Run the stand-in until standard input ends: ``python -m … FOLDER`` says its port in one line."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import tornado.httpserver
from tornado.netutil import bind_sockets

from .kubelet import NODE, Kubelet
from .server import application
from .store import Store


async def main(folder: Path) -> None:
    store = Store()
    kubelet = Kubelet(store, folder)
    store.create("namespaces", "", {"metadata": {"name": "default"}})
    store.create("namespaces", "", {"metadata": {"name": "science"}})
    store.create("nodes", "", {"metadata": {"name": NODE}})
    sockets = bind_sockets(0, "127.0.0.1")
    server = tornado.httpserver.HTTPServer(application(store, kubelet))
    server.add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    running = asyncio.ensure_future(kubelet.run())
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    try:
        await asyncio.wait({running, ended}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
    finally:
        kubelet.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
