"""Real processes, killed with SIGKILL wherever it could hurt."""
