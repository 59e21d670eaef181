"""The formats that weights come in, read without running anything: bytes in, tensors and plain values out.

Three steps, each of which knows nothing of the next: :mod:`.source` reads a file once; :mod:`.stub_unpickler` turns a
pickle into an inert graph (names stay names, calls stay notes of a call); :mod:`.rebuild` makes tensors of the few calls
that are known to describe tensors.
"""
