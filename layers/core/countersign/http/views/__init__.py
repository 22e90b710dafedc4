"""What the API takes and gives: its own values, so that what is stored may change behind them."""
