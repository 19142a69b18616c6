"""A board: many folders of results, of many people, side by side; each record with how far it could be verified."""
