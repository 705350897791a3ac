"""Buckets, five-class and bureau status: what an age in days means."""
