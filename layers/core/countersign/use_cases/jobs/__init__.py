"""Jobs: work on many things that goes on by itself, slice by slice."""
