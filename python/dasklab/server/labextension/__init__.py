"""Living with dask-labextension: its panel, its REST API and its initial clusters, on hosts.

By default dasklab takes its place: the front end's metadata disables its panel, and its server
extension is left out here. With ``c.DasklabServer.labextension = True`` its panel is shown and
finds, under its own addresses, answers of its own shape; what runs are hosts, as everywhere.

``loading`` does what a start needs, ``initial`` starts the configured clusters, ``manager`` has
the methods of its manager, ``model`` its picture of a cluster, ``handlers`` its addresses.
"""
