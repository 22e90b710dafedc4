"""Commands for messages: sent and inspected, rejected, held, given up."""
