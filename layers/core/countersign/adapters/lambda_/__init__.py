"""Events that Lambda hands to the functions."""
