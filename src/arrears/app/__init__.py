"""Use cases: read, compute, write; and the ports they need."""
