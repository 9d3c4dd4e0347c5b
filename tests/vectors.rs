//! Conformance vectors, which any implementation can run, and reports of what went wrong in others.

mod common;

mod vectors {
    mod field;
    mod frames;
    mod handshake;
    mod json;
}
