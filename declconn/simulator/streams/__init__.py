"""Sockets: who is let in, what is asked for, and what is told."""
