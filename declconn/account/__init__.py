"""An account: its orders, balances, positions and fees, whatever the venue."""
