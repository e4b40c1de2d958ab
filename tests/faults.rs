//! The fault suite: the real program killed, cut off, starved of space and crowded, and nothing lost.
