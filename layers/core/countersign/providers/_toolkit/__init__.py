"""What several providers share: API calls, JSON, forms, signatures, times."""
