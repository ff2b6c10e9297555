"""What words weigh, read without a model. Knows nothing of who says them."""
