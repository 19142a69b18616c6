"""What jobs will need before they begin: memory by what recommenders declare, or by earlier records; what cannot fit."""
