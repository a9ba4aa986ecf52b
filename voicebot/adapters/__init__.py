"""Where the world is touched: one framework each."""
