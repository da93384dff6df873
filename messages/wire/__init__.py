"""The platform's protocol, sans-I/O: framing, handshake, SSID, payloads."""
