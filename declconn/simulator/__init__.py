"""A spec read backwards: the venue that it describes, on localhost."""
