//! No secret is shown, and none is left in memory. A binary of its own: its allocator looks at what is freed.

mod secrets {
    mod debug;
    mod vendors;
    #[cfg(feature = "credentials")]
    mod watching;
    mod wiped;
}
