"""坐席: who may take a call."""
