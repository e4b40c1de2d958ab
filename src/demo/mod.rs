//! The embedded demo provider: the Gemini API on the loopback, with pictures painted from the words of the prompt.
