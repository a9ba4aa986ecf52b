"""What `voicebot bench …` measures. Figures come from tapes: stamps at the far end's own socket."""
