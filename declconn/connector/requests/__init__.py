"""Requests: an operation of the spec in one request or several, what each may cost, and what is done about errors."""
