//! Everything that touches the terminal: bytes in, bytes out, modes, and what the terminal says of itself.
