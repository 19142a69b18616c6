"""What jobs will need, before they begin: by what recommenders declare, or by earlier records; and what cannot fit."""
