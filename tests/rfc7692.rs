//! The rules of RFC 7692, permessage-deflate: negotiated, in the transform alone, and on connections.
#![cfg(feature = "deflate")]

mod common;

mod rfc7692 {
    mod blocks;
    mod bounds;
    mod codec;
    mod engines;
    mod memory;
    mod messages;
    mod negotiation;
    mod strict;
    mod transform;
}
