"""`voicebot eval`: labelled sets → what the shipped understanding and knowledge make of them → figures."""
