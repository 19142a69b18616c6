"""Parts that several models share: a base, factors, neighbours, networks, training loops."""
