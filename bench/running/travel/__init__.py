"""What lets a job run on another machine: its parcel, its files, its record's way back, and one code on both sides."""
