"""What several models share: factors, neighbours, networks, training loops."""
