//! RFC 6455 section 7.4: which codes a Close may have.

use crate::common::{BOTH, Endpoint, Seen, close, close_body, decode, refused, run};
use patchcord::frame::CloseError;
use patchcord::{ProtocolError, State};
use std::ops::RangeInclusive;

/// Section 7.4 and the IANA registry of close codes: what may stand in a Close, and nothing else.
const CODES: [RangeInclusive<u16>; 5] = [
    1000..=1003, // normal, going away, protocol error, unsupported data
    1007..=1011, // invalid payload, policy, too big, extension, internal error
    1012..=1014, // service restart, try again later, bad gateway: registered since
    3000..=3999, // libraries and frameworks
    4000..=4999, // private use
];

/// uWebSockets, tungstenite and nexus-web refuse some of 1012, 1013, 1014 and 3000.
#[test]
fn every_close_code_is_judged_as_the_table_says() {
    for side in BOTH {
        let mut accepted = 0;
        for code in 0..=u16::MAX {
            let legal = CODES.iter().any(|range| range.contains(&code));
            let mut endpoint = Endpoint::open(side);
            let outcome = run(&mut endpoint, &[&side.frame(0x88, &code.to_be_bytes())]);
            let answer = if legal { code } else { 1002 };
            let owed = vec![(0x88, answer.to_be_bytes().to_vec())];
            assert_eq!(side.wrote(&outcome.pending), owed, "{side:?} {code}");
            if legal {
                accepted += 1;
                let close = Seen::Close(Some((code, String::new())));
                assert_eq!((outcome.events, outcome.error), (vec![close], None), "{code}");
                assert!(matches!(outcome.state, Some(State::Closed { .. })), "{code}");
            } else {
                let error = ProtocolError::Close(CloseError::InvalidCode(code));
                assert_eq!((outcome.events, outcome.error), (vec![], Some(error)), "{code}");
                assert_eq!(outcome.state, Some(State::Failed(error)), "{code}");
            }
        }
        assert_eq!(accepted, 4 + 8 + 2000, "{side:?}");
    }
}

#[test]
fn a_close_code_at_a_border_of_its_class_is_judged_alike_at_every_split() {
    for side in BOTH {
        for code in [1000, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999] {
            let bytes = side.frame(0x88, &close_body(code, b"bye"));
            assert_eq!(decode(side, &bytes).events, [close(code, "bye")]);
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
            refused(
                side,
                &side.frame(0x88, &close_body(code, b"bye")),
                CloseError::InvalidCode(code),
            );
        }
    }
}
