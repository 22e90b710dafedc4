"""The only modules that know both ports and adapters; they build on first use, never at import.

``stack`` has a deployed stack's ports, as a function's process reaches them; ``functions`` what
each function works with; ``cloud`` a whole stack, for the command line and the API.
"""
