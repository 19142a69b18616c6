"""From records to values: views, intervals, tests, slices, beyond accuracy."""
