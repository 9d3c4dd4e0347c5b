//! Properties of generated inputs; each test says for how many.

mod common;

mod properties {
    mod arbitrary;
    mod hold;
    mod legal_frames;
    mod pair;
    mod round_trips;
    mod send_buffer;
    mod splits;
    mod streams;
    mod text;
    mod values;
    mod wire;
}
