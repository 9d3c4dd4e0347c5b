use patchcord::frame::CloseError;
use patchcord::{Close, CloseCode, Decoder, Delivery, Encoder, Event, Limits};

/// The body of a Close is refused for having one byte, for a code that section 7.4 forbids there,
/// for a reason that is not UTF-8, and for nothing else. What is accepted is written back as
/// it was, and both ends say the same of the frame.
pub fn close(data: &[u8]) {
    let body = data.to_vec().into_boxed_slice();
    let parsed = Close::parse(&body);
    match expected(&body) {
        Err(error) => assert_eq!(parsed, Err(error)),
        Ok(None) => assert_eq!(parsed, Ok(None)),
        Ok(Some((code, reason))) => {
            let close = parsed.expect("a legal body").expect("a body");
            assert_eq!((close.code.get(), &*close.reason), (code, reason));
            written(close, &body);
        }
    }
    received(&body);
}

/// Every valid code: the registry, and the ranges for libraries and applications.
const CODES: [(u16, u16); 3] = [(1000, 1003), (1007, 1014), (3000, 4999)];

fn expected(body: &[u8]) -> Result<Option<(u16, &str)>, CloseError> {
    let code = match body {
        [] => return Ok(None),
        [_] => return Err(CloseError::TooShort),
        [high, low, ..] => u16::from(*high) * 256 + u16::from(*low),
    };
    let may_be_sent = CODES.iter().any(|(first, last)| (*first..=*last).contains(&code));
    assert_eq!(CloseCode::new(code).map(CloseCode::get), may_be_sent.then_some(code));
    if !may_be_sent {
        return Err(CloseError::InvalidCode(code));
    }
    let reason = core::str::from_utf8(&body[2..]).map_err(|_| CloseError::ReasonNotUtf8)?;
    Ok(Some((code, reason)))
}

/// RFC 6455 section 5.5: no control frame has more than 125 bytes, and a server's is not masked.
fn written(close: Close<&[u8]>, body: &[u8]) {
    let (mut encoder, mut frame) = (Encoder::server(), Vec::new());
    let encoded = encoder.encode_close(Some(close), &mut frame);
    assert_eq!(encoded.is_ok(), body.len() <= 125);
    if encoded.is_ok() {
        assert_eq!(frame, [&[0x88, body.len() as u8], body].concat());
    } else {
        assert!(frame.is_empty(), "something was written");
    }
}

fn received(body: &[u8]) {
    if body.len() > 125 || body.len() == 1 {
        return; // refused at the header
    }
    let mut frame = [&[0x88, body.len() as u8], body].concat().into_boxed_slice();
    let mut decoder = Decoder::client(Limits::default(), Delivery::Messages);
    match (decoder.decode(&mut &mut frame[..]), expected(body)) {
        (Ok(Some(Event::Close(close))), Ok(expected)) => {
            let close = close.as_ref().map(|close| (close.code.get(), &*close.reason));
            assert_eq!(close, expected);
        }
        (Err(error), Err(expected)) => assert_eq!(error, expected.into()),
        (other, expected) => panic!("{other:?} instead of {expected:?}"),
    }
}
