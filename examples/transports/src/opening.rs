//! The opening handshake over any stream of tokio's, in both roles.

use crate::{Outcome, talk};
use bytes::{Buf, BytesMut};
use patchcord::ThreadEntropy;
use patchcord::handshake::client::{Answer, Request};
use patchcord::handshake::origin::OriginPolicy;
use patchcord::handshake::server::RequestReader;
use patchcord::handshake::{Deadline, Url};
use std::io::{self, ErrorKind};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// Answers a client's request, and returns what came behind it: frames, if anything.
///
/// # Errors
/// When the request was refused, did not come in time, or the stream failed.
pub async fn answer<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Outcome<BytesMut> {
    timeout(Deadline::SPAN, async {
        let mut reader = RequestReader::new(OriginPolicy::any());
        let mut input = BytesMut::new();
        let mut out = Vec::new();
        loop {
            read(stream, &mut input).await?;
            let mut rest = &input[..];
            let refused = match reader.read(&mut rest) {
                Ok(None) => continue,
                Ok(Some(request)) => match talk::admit(&request) {
                    Ok(subprotocol) => request.accept(subprotocol, &mut out).map(|()| None)?,
                    Err(refusal) => Some(refusal),
                },
                Err(error) => Some(error.refusal()),
            };
            let used = input.len() - rest.len();
            if let Some(refusal) = refused {
                refusal.write(&mut out)?;
                stream.write_all(&out).await?;
                stream.shutdown().await?;
                return Err(format!("a client was answered {}", refusal.status()).into());
            }
            stream.write_all(&out).await?;
            stream.flush().await?;
            input.advance(used);
            return Ok(input);
        }
    })
    .await?
}

/// Asks a server, and returns the subprotocol that it selected, and what came behind its answer.
///
/// # Errors
/// When the server refuses, does not answer in time, or the stream failed.
pub async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    url: Url<'_>,
) -> Outcome<(String, BytesMut)> {
    timeout(Deadline::SPAN, async {
        let mut out = Vec::new();
        let request = Request::new(url).offer(talk::offer()?);
        let mut reader = request.write(&mut ThreadEntropy, &mut out)?;
        stream.write_all(&out).await?;
        stream.flush().await?;
        let mut input = BytesMut::new();
        loop {
            read(stream, &mut input).await?;
            let mut rest = &input[..];
            let selected = match reader.read(&mut rest)? {
                None => continue,
                Some(Answer::Open(open)) => open.subprotocol().unwrap_or_default().to_owned(),
                Some(Answer::Refused(response)) => {
                    return Err(format!("the server answered {}", response.status()).into());
                }
            };
            let used = input.len() - rest.len();
            input.advance(used);
            return Ok((selected, input));
        }
    })
    .await?
}

/// Where to connect to: an IPv6 address without its brackets.
#[must_use]
pub fn address<'text>(url: &Url<'text>) -> (&'text str, u16) {
    (url.host().trim_matches(['[', ']']), url.port())
}

async fn read(stream: &mut (impl AsyncRead + Unpin), input: &mut BytesMut) -> io::Result<()> {
    match stream.read_buf(input).await? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}
