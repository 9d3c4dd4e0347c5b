//! No more connections than a server was told to have.

use crate::programs::frames::Outcome;
use crate::programs::judge;
use crate::programs::peer::Serving;
use crate::programs::table::{Server, servers};

const CONNECTIONS: usize = 3;

#[test]
fn servers_keep_to_their_limit_on_connections() {
    judge::each("limit on connections", &servers(), |row: &&'static Server| {
        let server = Serving::start(row, &["--connections", &CONNECTIONS.to_string()])?;
        let mut wires: Vec<_> =
            (0..CONNECTIONS).map(|_| server.connect()).collect::<Outcome<_>>()?;
        wires.iter_mut().try_for_each(|wire| server.ask(wire))?;
        match server.connect() {
            Ok(_) => return Err("one more was taken".to_owned()),
            Err(why) if why.contains("refused: ") && !why.contains(" 503 ") => return Err(why),
            Err(_) => {}
        }
        wires.iter_mut().try_for_each(|wire| server.ask(wire))
    });
}
