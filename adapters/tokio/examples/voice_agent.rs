//! A client that streams speech and prints what was understood, and connects again after a loss:
//! `KEY=.. cargo run --example voice_agent --features webpki-roots -- wss://api.example/v1/listen < speech.pcm`

use bytes::Bytes;
use patchcord_tokio::handshake::credential::vendor::DEEPGRAM;
use patchcord_tokio::{
    CloseFrame, Connect, Error, Message, OpenError, Options, Transport, WebSocket,
};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;
use tokio::io::{AsyncReadExt, stdin};
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::{interval, sleep};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const CHUNK: usize = 640; // 20 ms of 16 kHz and 16 bits
const FIRST: Duration = Duration::from_millis(250); // the first pause, doubled by each attempt
const LONGEST: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = std::env::args().nth(1).ok_or("usage: voice_agent URL < speech.pcm")?;
    let (speech, speaks) = mpsc::channel(100);
    tokio::spawn(async move {
        let (mut time, mut chunk) = (interval(Duration::from_millis(20)), vec![0; CHUNK]);
        while stdin().read_exact(&mut chunk).await.is_ok() {
            time.tick().await;
            if speech.send(Bytes::copy_from_slice(&chunk)).await.is_err() {
                break;
            }
        }
    });
    let client = client(&url, &std::env::var("KEY")?)?;
    tokio::select! {
        ended = talk(&client, speaks, |text| println!("{text}")) => ended,
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

pub(crate) fn client(url: &str, key: &str) -> Result<Connect, Failure> {
    let options = Options::new().ping_interval(Duration::from_secs(20));
    Ok(Connect::new(url)?.offer(DEEPGRAM.offer(key)?).options(options))
}

/// Says everything, over as many connections as that takes, until the server has closed the last.
pub(crate) async fn talk(
    client: &Connect,
    mut speech: Receiver<Bytes>,
    mut hear: impl FnMut(&str),
) -> Result<(), Failure> {
    let (mut pause, mut unsent) = (FIRST, None);
    loop {
        match client.open().await {
            Ok(socket) => {
                pause = FIRST;
                match session(socket, &mut speech, &mut unsent, &mut hear).await {
                    Ok(()) => return Ok(()),
                    Err(error) => eprintln!("lost: {error}"),
                }
            }
            // A wrong key is not better the next time.
            Err(OpenError::Refused(refused)) if matches!(refused.status, 400..=428) => {
                return Err(OpenError::Refused(refused).into());
            }
            Err(error) => eprintln!("not open: {error}"),
        }
        let random = RandomState::new().hash_one(0) as f64 / u64::MAX as f64;
        sleep(pause.mul_f64(1.0 - random / 2.0)).await;
        pause = (2 * pause).min(LONGEST);
    }
}

/// One half speaks while the other listens. What was not sent for certain stays in `unsent`.
async fn session(
    socket: WebSocket<Transport>,
    speech: &mut Receiver<Bytes>,
    unsent: &mut Option<Message>,
    hear: &mut impl FnMut(&str),
) -> Result<(), Error> {
    let (mut sender, mut receiver) = socket.split();
    let speaks = async {
        loop {
            if unsent.is_none() {
                *unsent = speech.recv().await.map(Message::Binary);
            }
            let Some(chunk) = unsent.clone() else { break };
            sender.send(chunk).await?;
            *unsent = None;
        }
        sender.send(r#"{"type":"CloseStream"}"#).await?;
        std::future::pending().await // the server closes
    };
    let listens = async {
        let mut is_done = false;
        while let Some(message) = receiver.recv().await {
            match message? {
                Message::Text(text) => hear(&text),
                Message::Close(Some(CloseFrame { code: 1000, .. })) => is_done = true,
                _ => {}
            }
        }
        if is_done { Ok(()) } else { Err(Error::Closed) }
    };
    tokio::select! {
        biased; // what was heard says more
        ended = listens => ended,
        failed = speaks => failed,
    }
}
