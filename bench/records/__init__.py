"""What one job leaves behind: its form, its folder, its key, its row."""
