"""The boundary to worker processes: frames over a Unix domain socket."""
