"""Calls over WebSocket: the phone page (`/ws/call`) and telephony providers' streams
(`/ws/media-stream`)."""
