"""Chart of accounts, posting rules, journal and seals: movements become balanced entries."""
