"""Records, which jobs leave behind: their form, folder, key and groups."""
