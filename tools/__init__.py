"""What keeps the chapters in order: refreshing them, and checking what is committed."""
