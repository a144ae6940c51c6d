"""The whole method on tokens, in one object; its parts are in ``views``, ``training`` and ``sampling``, SDV stays out.

It stands above its parts, in a room of its own, so that a stage before it or beside it finds a place here.
"""
