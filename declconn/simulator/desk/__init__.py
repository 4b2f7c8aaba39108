"""Requests: who asks, what is asked, and what is answered."""
