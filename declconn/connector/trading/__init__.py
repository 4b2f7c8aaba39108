"""An account: placing orders, asking what became of them, and what else is asked of a venue again and again."""
