"""Who promises: sellers, products, service points, engineers, commitments."""
