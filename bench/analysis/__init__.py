"""From records to figures: views, intervals, tests, slices, beyond accuracy."""
