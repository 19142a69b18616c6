"""What a row of a table recommends to a user: from its stored lists, or from its kept model."""
