"""The demo store: an invented tea and coffee shop with three years of orders."""
