"""One process per cluster: it owns the ``Cluster`` object, and outlives kernels and servers.

``bootstrap`` is run by path under any interpreter, ``warden`` is what stays outside to bury the
dead, ``main`` becomes the supervisor, ``host`` is the supervisor, ``control`` its HTTP API and
``lease`` the reason it may still live. Imports the standard library, tornado, dask and distributed.
"""
