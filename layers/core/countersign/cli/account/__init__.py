"""Commands for who one is: sign-in, and calls of the API with it."""
