"""Who is speaking: decides from durations when a turn begins, ends or is interrupted."""
