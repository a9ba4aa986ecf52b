"""Recognition: engines in a worker process behind the port `calls.ports.Recogniser`."""
