"""How fast the library is, side by side with its peers."""
