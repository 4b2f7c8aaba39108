"""The network floor: transports, the throttler, REST and WebSocket assistants, recordings."""
