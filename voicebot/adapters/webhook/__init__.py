"""Messages to other systems over HTTP."""
