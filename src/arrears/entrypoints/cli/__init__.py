"""The command line: `main` is the door, each other module is one command."""
