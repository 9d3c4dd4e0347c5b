//! A connection is what a server holds a million times: its size is bounded.

use patchcord::{Client, Connection, Decoder, Encoder, Server};
use std::mem::size_of;

/// The most bytes of state that a connection may have, besides the heap that it rarely uses; the
/// feature `deflate` adds what points to its two engines.
const MOST: usize = if cfg!(feature = "deflate") { 128 } else { 112 };

/// Of them, the most that a decoder may have.
const DECODER: usize = if cfg!(feature = "deflate") { 56 } else { 48 };

fn assert_fits<T>(most: usize) {
    let size = size_of::<T>();
    println!("{size:4} {}", std::any::type_name::<T>());
    assert!(size <= most, "{} has {size} bytes", std::any::type_name::<T>());
}

#[test]
fn a_servers_connection_has_112_bytes_and_16_more_with_compression() {
    assert_fits::<Connection<Server>>(MOST);
}

#[cfg(all(feature = "getrandom", feature = "std"))]
#[test]
fn a_clients_connection_is_no_larger_than_a_servers() {
    assert_fits::<Connection<Client<patchcord::ThreadEntropy>>>(MOST);
    assert_fits::<Connection<Client<patchcord::ThreadEntropy>>>(size_of::<Connection<Server>>());
}

#[test]
fn a_decoder_and_an_encoder_are_parts_of_it() {
    assert_fits::<Decoder>(DECODER);
    assert_fits::<Encoder<Server>>(16);
    assert_fits::<Encoder<Client<fn(&mut [u8])>>>(32);
}
