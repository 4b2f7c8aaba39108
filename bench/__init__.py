"""How fast the way of a frame is, beside floors and peers: ``python -m bench``."""
