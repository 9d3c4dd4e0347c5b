//! What the crate says of itself, and what its types do that no RFC asks for.

mod common;

mod api {
    mod backlog;
    mod broken_sockets;
    mod clock;
    mod deadlines;
    mod driver;
    mod encoder;
    mod entropy;
    mod errors;
    mod exact_room;
    mod exact_writes;
    mod frame_cursor;
    mod head_edges;
    mod http_connect;
    mod http_handler;
    mod keep_alive;
    mod panicking_source;
    mod progress;
    mod registry;
    mod turns;
    mod vectored;
    mod waiting;
}
