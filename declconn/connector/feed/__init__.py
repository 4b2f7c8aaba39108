"""Streams: connections and what is asked on them, and where what they tell goes."""
