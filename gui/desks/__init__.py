"""Desks: each turns facts into requests of one kind, and the answers into facts."""
