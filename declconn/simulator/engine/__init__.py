"""What happens at a venue, without words: accounts, orders that meet, fees, positions, funding."""
