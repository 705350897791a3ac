"""The store: PostgreSQL, embedded or by URL; append-only books and the caches beside them."""
