"""What an operator does from the command line: each command says in one line what went wrong, and by its exit code."""
