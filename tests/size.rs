//! A connection is what a server holds a million times: its size is bounded.

use patchcord::{Client, Connection, Decoder, Encoder, Server};
use std::mem::size_of;

/// The most bytes of state that a connection may have, besides the heap that it rarely uses.
const MOST: usize = 128;

fn assert_fits<T>(most: usize) {
    let size = size_of::<T>();
    println!("{size:4} {}", std::any::type_name::<T>());
    assert!(size <= most, "{} has {size} bytes", std::any::type_name::<T>());
}

#[test]
fn a_servers_connection_fits_two_cache_lines() {
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
    assert_fits::<Decoder>(MOST);
    assert_fits::<Encoder<Server>>(16);
    assert_fits::<Encoder<Client<fn(&mut [u8])>>>(32);
}
