//! The header's grammar, read in one pass.

use super::{Extension, ExtensionsError, Parameter, Value};
use crate::handshake::grammar::is_tchar;
use crate::handshake::steps;
use core::str;

/// An iterator over the elements of one list, in one pass.
pub(super) struct Elements<'text>(pub(super) Scanner<'text>);

impl<'text> Elements<'text> {
    pub(super) fn next_element(&mut self) -> Option<Result<Extension<'text>, ExtensionsError>> {
        let scanner = &mut self.0;
        scanner.blank();
        while scanner.eat(b',') {
            steps::count(1);
            scanner.blank();
        }
        if scanner.0.is_empty() {
            return None;
        }
        let left = scanner.0.len();
        let element = scanner.extension();
        steps::count(1 + left - scanner.0.len());
        if element.is_err() {
            scanner.0 = &[];
        }
        Some(element)
    }
}

/// The unread rest of a value.
#[derive(Clone, Copy)]
pub(super) struct Scanner<'text>(pub(super) &'text [u8]);

impl<'text> Scanner<'text> {
    /// Reads an extension and the comma after it, or the end.
    fn extension(&mut self) -> Result<Extension<'text>, ExtensionsError> {
        let name = self.token()?;
        let start = self.0;
        while self.parameter()?.is_some() {}
        let parameters = &start[..start.len() - self.0.len()];
        self.blank();
        if !self.0.is_empty() && !self.eat(b',') {
            return Err(ExtensionsError);
        }
        Ok(Extension { name, parameters })
    }

    /// Reads a parameter with the semicolon before it; `None` if no semicolon comes next.
    pub(super) fn parameter(&mut self) -> Result<Option<Parameter<'text>>, ExtensionsError> {
        if !self.blank_then(b';') {
            return Ok(None);
        }
        self.blank();
        let name = self.token()?;
        let equals = self.blank_then(b'=');
        let value = if equals { Some(self.value()?) } else { None };
        Ok(Some(Parameter { name, value }))
    }

    fn value(&mut self) -> Result<Value<'text>, ExtensionsError> {
        self.blank();
        if !self.eat(b'"') {
            return self.token().map(|token| Value(token.as_bytes()));
        }
        let start = self.0;
        loop {
            match *self.0 {
                [b'"', ref rest @ ..] => {
                    let value = &start[..start.len() - self.0.len()];
                    self.0 = rest;
                    // RFC 6455 section 9.1: the value without its quotes must be a token.
                    return if value.is_empty() { Err(ExtensionsError) } else { Ok(Value(value)) };
                }
                // An escape must not smuggle in what a token cannot contain.
                [b'\\', byte, ref rest @ ..] if is_tchar(byte) => self.0 = rest,
                [byte, ref rest @ ..] if is_tchar(byte) => self.0 = rest,
                _ => return Err(ExtensionsError),
            }
        }
    }

    fn token(&mut self) -> Result<&'text str, ExtensionsError> {
        let length = self.0.iter().take_while(|&&byte| is_tchar(byte)).count();
        let (token, rest) = self.0.split_at(length);
        self.0 = rest;
        match str::from_utf8(token) {
            Ok(token) if !token.is_empty() => Ok(token),
            _ => Err(ExtensionsError),
        }
    }

    /// Consumes this byte if it comes next, possibly after spaces and tabs; otherwise consumes
    /// nothing.
    fn blank_then(&mut self, byte: u8) -> bool {
        let before = *self;
        self.blank();
        let found = self.eat(byte);
        if !found {
            *self = before;
        }
        found
    }

    fn eat(&mut self, byte: u8) -> bool {
        let rest = self.0.strip_prefix(&[byte]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn blank(&mut self) {
        while let [b' ' | b'\t', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }
}
