"""The only input and output: database, files, clock, compiler."""
