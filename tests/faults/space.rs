//! A disk that fills up while a picture arrives.
