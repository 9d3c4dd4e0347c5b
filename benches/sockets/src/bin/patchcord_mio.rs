//! patchcord over mio: the example `mio_tcp`, with room for more connections.

use mio::net::TcpListener;
use patchcord_transports::command::Settings;
use patchcord_transports::event_loop::EventLoop;
use patchcord_transports::nonblocking::Session;
use serving::{CONNECTIONS, Outcome};

fn main() -> Outcome {
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
    println!("listening on {}", listener.local_addr()?);
    let settings = Settings { connections: CONNECTIONS, ..Settings::default() };
    EventLoop::<Session>::new(listener, settings)?.run()
}
