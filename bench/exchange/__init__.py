"""Results to and from other programs: score files in, splits and candidates out."""
