"""Commands for runs, and for the jobs that change many of them."""
