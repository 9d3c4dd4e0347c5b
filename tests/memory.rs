//! What is allocated and what is held, counted by the allocator, thread by thread.

mod common;

mod memory {
    mod allocations;
    mod finished;
    mod heads;
    mod joined;
    mod receive_buffer;
    mod send_buffer;
    mod size;
}
