"""Getting published weights: the list of them, their download, and a look at what is in the cache.

The cache is torch's own (``core.weights.resolve.hub_folder``). A file comes under its final name only after it is whole and
its hash is right; until then it is called ``NAME.part``.
"""
