//! wtx, on tokio's sockets: reads a frame, and writes it with the other half of the same connection.

use serving::{LONGEST, Outcome, serve};
use tokio::net::TcpStream;
use wtx::collection::Vector;
use wtx::web_socket::{OpCode, WebSocketAcceptor, WebSocketPayloadOrigin};

fn main() -> Outcome {
    serve(session)
}

async fn session(tcp: TcpStream) -> Outcome {
    let mut socket = WebSocketAcceptor::default().accept::<_>(tcp).await?;
    socket.set_max_payload_len(LONGEST);
    let (mut common, mut reader, mut writer) = socket.split_mut();
    let mut fragments = Vector::new();
    loop {
        let origin = WebSocketPayloadOrigin::Adaptive;
        let mut frame = reader.read_frame(&mut fragments, &mut common, origin).await?;
        match frame.op_code() {
            OpCode::Binary | OpCode::Text => writer.write_frame(&mut common, &mut frame).await?,
            OpCode::Close => return Ok(()),
            _ => {}
        }
    }
}
