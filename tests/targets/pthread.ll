; What Rust's standard library asks of WASI's C library and Debian's, of 2022, does not have yet:
; there are no threads, so both say that they are not supported.
target triple = "wasm32-unknown-wasi"

define i32 @pthread_join(i32 %thread, i32 %result) {
  ret i32 58
}

define i32 @pthread_detach(i32 %thread) {
  ret i32 58
}
