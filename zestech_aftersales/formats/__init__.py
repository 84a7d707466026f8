"""How instants are written where Django writes them itself, in the staff desk above all."""
