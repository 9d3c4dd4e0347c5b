//! The opening handshake over any stream of tokio's, in both roles.

use crate::Outcome;
use crate::leaving::left;
use crate::websocket::WebSocket;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::Request;
use patchcord::handshake::server::{Refusal, Request as Asked, RequestReader, Response};
use patchcord::{Client, Config, Driver, Role, Server, ThreadEntropy};
use std::io::{self, ErrorKind};
use tokio::io::{AsyncRead, AsyncWrite};

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S, Server> {
    /// Reads a request, and answers it: `answer` decides how.
    ///
    /// # Errors
    /// When the request was refused, did not come in time, or the stream failed. A refusal is
    /// written before this returns.
    pub async fn accept(
        stream: S,
        config: Config,
        mut answer: impl for<'r> FnMut(&Asked<'r>) -> Result<Response<'r>, Refusal>,
    ) -> Outcome<Self> {
        let mut socket = Self::new(stream, Driver::server(config));
        let mut reader = RequestReader::new(Admission::any());
        loop {
            match socket.driver.accept(&mut reader, &mut answer) {
                Ok(true) => return Ok(socket),
                Ok(false) => socket.go_on().await?,
                Err(refusal) => {
                    socket.run(|_, _, _| Ok(())).await?;
                    return Err(format!("a client was answered {}", refusal.status()).into());
                }
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S, Client<ThreadEntropy>> {
    /// Writes a request, and reads the answer; also returns the subprotocol that was selected.
    ///
    /// # Errors
    /// When the server refuses, does not answer in time, or the stream failed.
    pub async fn connect(stream: S, config: Config, request: &Request) -> Outcome<(Self, String)> {
        let mut socket = Self::new(stream, Driver::client(ThreadEntropy, config));
        let output = &mut socket.driver.output;
        let mut reader = output.head(|out| request.write(&mut ThreadEntropy, out))?;
        loop {
            socket.go_on().await?;
            let answered = socket.driver.open(|input, _| {
                let Some(answer) = reader.read(input)? else { return Ok(None) };
                Ok(Some(answer.accepted()?.subprotocol().unwrap_or_default().to_owned()))
            });
            match answered {
                Ok(None) => {}
                Ok(Some(subprotocol)) => return Ok((socket, subprotocol)),
                Err(error) => return Err(error),
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, R: Role> WebSocket<S, R> {
    /// Continues until something was read.
    async fn go_on(&mut self) -> io::Result<()> {
        tokio::select! {
            goes_on = self.turn(|_, _, _| Ok(())) => match goes_on? {
                true => Ok(()),
                false => Err(ErrorKind::UnexpectedEof.into()),
            },
            () = left() => Err(io::Error::other("this process is leaving")),
        }
    }
}
