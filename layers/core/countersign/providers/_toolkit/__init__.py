"""What several providers share: messages and their types, keys, signers, proofs, API calls."""
