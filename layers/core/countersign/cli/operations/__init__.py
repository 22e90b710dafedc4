"""What commands have done, by noun: over the stack's adapters, or over the API.

Both halves of a noun have the same methods and return the same values, which are the API's own
views: so a command prints the same, whichever way it goes.
"""
