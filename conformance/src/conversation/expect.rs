//! What cases expect.

use super::{Conversation, Heard};
use crate::case::{Fault, Role, Verdict};
use crate::wire::{Frame, Opcode};
use std::time::{Duration, Instant};

impl Conversation<'_> {
    /// Returns what is said next. The peer's own pings are answered, as they must be, and are not part of any case.
    pub fn next(&mut self, wait: Duration) -> Verdict<Heard> {
        let deadline = Instant::now() + wait;
        loop {
            match self.hear(deadline.saturating_duration_since(Instant::now()))? {
                Heard::Ping(payload) => self.send(&Frame::pong(payload)),
                heard => return Ok(heard),
            }
        }
    }

    pub fn expect(&mut self, expected: &Heard) -> Verdict {
        let heard = self.next(self.patience)?;
        if heard == *expected {
            return Ok(());
        }
        let differs =
            if heard.to_string() == expected.to_string() { ", with other bytes" } else { "" };
        Err(Fault::case(format!("expected {expected}, heard {heard}{differs}")))
    }

    /// Expects the frame's message to come back.
    pub fn expect_echo(&mut self, frame: &Frame) -> Verdict {
        let payload = frame.payload.clone();
        self.expect(&if frame.opcode == Opcode::TEXT {
            Heard::Text(payload)
        } else {
            Heard::Binary(payload)
        })
    }

    /// Sends the message, hears it again, and closes.
    pub fn echo(&mut self, frame: &Frame) -> Verdict {
        self.send(frame);
        self.expect_echo(frame)?;
        self.close()
    }

    /// Performs the closing handshake with 1000, from our side.
    pub fn close(&mut self) -> Verdict {
        self.send(&Frame::close(1000, ""));
        self.expect_close(&[1000])
    }

    /// Expects a Close with one of these codes, or any, and then the end: from a server, at once.
    pub fn expect_close(&mut self, codes: &[u16]) -> Verdict {
        match self.next(self.patience)? {
            Heard::Close(Some(code)) if !codes.contains(&code) => {
                return Err(Fault::case(format!("its Close has {code}, not one of {codes:?}")));
            }
            Heard::Close(_) => {}
            heard => return Err(Fault::must(format!("expected a Close, heard {heard}"))),
        }
        self.expect_end()
    }

    /// Expects the end after both Closes: RFC 6455 section 7.1.1.
    pub fn expect_end(&mut self) -> Verdict {
        if self.role == Role::Client {
            self.wire.shut();
        }
        match self.hear(self.patience)? {
            Heard::End => Ok(()),
            Heard::Reset if self.role == Role::Client => Ok(()),
            Heard::Silence if self.role == Role::Server => {
                Err(Fault::must("the server does not close TCP after both Closes (7.1.1)"))
            }
            heard => Err(Fault::case(format!("expected the end of the stream, heard {heard}"))),
        }
    }

    /// Expects it to fail the connection, with one of these codes if it gives one: section 7.1.7.
    pub fn expect_failure(&mut self, codes: &[u16]) -> Verdict {
        match self.next(self.patience)? {
            Heard::Close(Some(code)) if !codes.contains(&code) => {
                let what = format!("it fails the connection with {code}, not one of {codes:?}");
                Err(Fault::should(what))
            }
            Heard::Close(_) => self.leave(),
            Heard::End | Heard::Reset => Ok(()),
            Heard::Silence => Err(Fault::case("it does not fail the connection")),
            heard => {
                Err(Fault::case(format!("it does not fail the connection, but sends {heard}")))
            }
        }
    }

    /// Expects the same, and the reason must be in a Close.
    pub fn expect_told_failure(&mut self, codes: &[u16]) -> Verdict {
        match self.next(self.patience)? {
            Heard::Close(Some(code)) if codes.contains(&code) => self.leave(),
            heard => Err(Fault::case(format!("expected a Close with {codes:?}, heard {heard}"))),
        }
    }

    /// Answers its Close and lets it end.
    fn leave(&mut self) -> Verdict {
        self.send(&Frame::close(1000, ""));
        if self.role == Role::Client {
            self.wire.shut();
        }
        match self.hear(self.patience)? {
            Heard::End | Heard::Reset => Ok(()),
            Heard::Silence => {
                Err(Fault::should("after it failed the connection, it keeps TCP open"))
            }
            heard => Err(Fault::must(format!("after it failed the connection, it sends {heard}"))),
        }
    }

    /// Expects the same, but earlier messages may be echoed first, as they should be.
    pub fn expect_then_failure(&mut self, before: &[Heard], codes: &[u16]) -> Verdict {
        let mut owed = before.to_vec(); // a pong may come before an echo, or after it
        loop {
            let heard = self.next(self.patience)?;
            if let Some(at) = owed.iter().position(|expected| *expected == heard) {
                owed.remove(at);
                continue;
            }
            match heard {
                Heard::Close(Some(code)) if !codes.contains(&code) => {
                    let what = format!("it fails the connection with {code}, not one of {codes:?}");
                    return Err(Fault::should(what));
                }
                Heard::Close(_) | Heard::End | Heard::Reset => {
                    if let Some(left) = owed.first() {
                        return Err(Fault::should(format!("before failing, it owed {left}")));
                    }
                    return if matches!(heard, Heard::Close(_)) { self.leave() } else { Ok(()) };
                }
                Heard::Silence => return Err(Fault::case("it does not fail the connection")),
                heard => {
                    let what = format!("it does not fail the connection, but sends {heard}");
                    return Err(Fault::case(what));
                }
            }
        }
    }
}

impl Conversation<'_> {
    /// Expects a frame against section 5.1 to end the connection: the code is free ("MAY ... 1002").
    pub fn expect_refused_frame(&mut self) -> Verdict {
        match self.next(self.patience)? {
            Heard::Close(Some(1000)) => {
                Err(Fault::case("it answers as if the frame were legal, with 1000"))
            }
            Heard::Close(_) => self.leave(),
            Heard::End | Heard::Reset => Ok(()),
            Heard::Silence => Err(Fault::case("it does not fail the connection")),
            heard => Err(Fault::case(format!("it accepts the frame, and sends {heard}"))),
        }
    }
}
