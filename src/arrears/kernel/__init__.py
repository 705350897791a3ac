"""Money, rates, dates, ids, errors: the words every other room is written in."""
