//! The example `rooms`, from its keys to its end: as a program, which Ctrl-C ends.

use patchcord_tokio::handshake::credential::vendor::DEEPGRAM;
use patchcord_tokio::{CloseFrame, Connect, Error, Message, OpenError, Transport, WebSocket};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

struct Program {
    child: Child,
    address: String,
}

impl Program {
    /// Cargo builds it beside the tests, unless it was told to run these alone.
    fn start() -> Self {
        let mut path = PathBuf::from(std::env::current_exe().unwrap().ancestors().nth(2).unwrap());
        path.push("examples/rooms");
        let mut command = Command::new(path);
        let child = command.arg("127.0.0.1:0").stdout(Stdio::piped()).spawn();
        let mut child = child.expect("build it first: --example rooms");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, address }
    }

    async fn enter(&self, room: &str, key: &str) -> Result<WebSocket<Transport>, OpenError> {
        let url = format!("ws://{}/rooms/{room}", self.address);
        Connect::new(&url)?.offer(DEEPGRAM.offer(key).unwrap()).open().await
    }

    /// What Ctrl-C does.
    fn interrupt(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn hear(socket: &mut WebSocket<Transport>) -> Message {
    socket.recv().await.unwrap().unwrap()
}

#[tokio::test]
async fn what_one_says_is_heard_in_the_room_and_nowhere_else() {
    let program = Program::start();
    let mut ann = program.enter("lobby", "key-of-ann").await.unwrap();
    assert_eq!(ann.subprotocol(), Some("token"));
    ann.send("hello").await.unwrap();
    assert_eq!(hear(&mut ann).await, Message::from("ann: hello"));
    let mut bob = program.enter("lobby", "key-of-bob").await.unwrap();
    let mut elsewhere = program.enter("attic", "key-of-bob").await.unwrap();
    bob.send("hi").await.unwrap();
    for socket in [&mut ann, &mut bob] {
        assert_eq!(hear(socket).await, Message::from("bob: hi"));
    }
    elsewhere.send("echo?").await.unwrap();
    assert_eq!(hear(&mut elsewhere).await, Message::from("bob: echo?"));
}

#[tokio::test]
async fn a_wrong_key_and_a_foreign_page_are_kept_out() {
    let program = Program::start();
    let refused = program.enter("lobby", "key-of-eve").await.unwrap_err();
    assert!(matches!(refused, OpenError::Refused(refused) if refused.status == 401));
    let url = format!("ws://{}/rooms/lobby", program.address);
    let page = Connect::new(&url).unwrap().headers(&[("Origin", "https://evil.example")]).unwrap();
    let refused = page.offer(DEEPGRAM.offer("key-of-ann").unwrap()).open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Refused(refused) if refused.status == 403));
}

/// It takes nothing while the others go on: what waits for it, in sockets and in the program, has an end.
#[tokio::test]
async fn a_client_that_is_behind_is_let_go_and_the_others_stay() {
    let program = Program::start();
    let mut slow = program.enter("lobby", "key-of-bob").await.unwrap();
    let mut ann = program.enter("lobby", "key-of-ann").await.unwrap();
    let said = "x".repeat(100_000);
    for _ in 0..200 {
        ann.send(said.clone()).await.unwrap();
        assert_eq!(hear(&mut ann).await.len(), said.len() + 5);
    }
    let mut heard = 0;
    let close = loop {
        match slow.recv().await {
            Some(Ok(Message::Close(close))) => break close,
            Some(Ok(_)) => heard += 1,
            other => panic!("{other:?} after {heard}"),
        }
    };
    assert_eq!(close.map(|close| close.code), Some(1013));
    assert!(heard < 200, "{heard}");
    ann.send("still here").await.unwrap();
    assert_eq!(hear(&mut ann).await, Message::from("ann: still here"));
}

#[tokio::test]
async fn who_is_in_hears_1001_when_the_program_ends() {
    let mut program = Program::start();
    let mut ann = program.enter("lobby", "key-of-ann").await.unwrap();
    ann.send("hello").await.unwrap();
    hear(&mut ann).await; // it is open at the other end, too
    program.interrupt();
    let away = CloseFrame { code: 1001, reason: "".into() };
    assert_eq!(hear(&mut ann).await, Message::Close(Some(away)));
    assert!(ann.recv().await.is_none());
    assert!(matches!(ann.send("late").await, Err(Error::Closed)));
    assert!(program.child.wait().unwrap().success());
}
