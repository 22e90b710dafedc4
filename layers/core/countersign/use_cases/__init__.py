"""What the functions and the command line do, as functions over the ports."""
