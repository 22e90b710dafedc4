"""Back-tests: what a draft would have done with the documents of the last days, without effect."""
