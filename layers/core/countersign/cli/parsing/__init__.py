"""How command lines are read: groups, verbs, options and their completion."""
