"""A Hub for programs in other languages: says where it is, and ends when its input does.

Run in the root of the checkout as ``python -m tests.python.hub [BASE]``; one line of JSON.
"""

import json
import sys

from .rig import Hub

with Hub(*sys.argv[1:2]) as hub:
    print(json.dumps({"url": hub.url, "password": hub.password, "token": hub.token}), flush=True)
    sys.stdin.read()
