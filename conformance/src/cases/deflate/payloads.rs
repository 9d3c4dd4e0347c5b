//! Payloads of five kinds, generated rather than copied: as compressible as what Autobahn sends.

/// Numbers that look random, and are the same each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end
    }
}

const WORDS: [&str; 24] = [
    "der", "die", "und", "in", "Geist", "ich", "nicht", "das", "Wort", "so", "wenn", "Licht",
    "über", "schöne", "Nacht", "mir", "dem", "auf", "Teufel", "was", "Stern", "für", "Grüße",
    "Welt",
];

/// A name, whether it is text, and a function that makes a given number of bytes.
pub struct Payload {
    pub name: &'static str,
    pub is_text: bool,
    pub make: fn(usize) -> Vec<u8>,
}

pub const ALL: [Payload; 5] = [
    Payload { name: "json", is_text: true, make: json },
    Payload { name: "picture", is_text: false, make: picture },
    Payload { name: "prose", is_text: false, make: prose },
    Payload { name: "html", is_text: true, make: html },
    Payload { name: "mixed", is_text: false, make: mixed },
];

/// Records as an API would send them: ASCII, so that any length of it is text.
pub fn json(size: usize) -> Vec<u8> {
    let mut chance = Chance(1);
    fill(size, || {
        let (id, score) = (chance.next() % 100_000, chance.below(1000));
        format!(
            "{{\"id\":{id},\"name\":\"user{id}\",\"score\":0.{score},\"active\":{}}},",
            score % 2 == 0
        )
        .into_bytes()
    })
}

fn html(size: usize) -> Vec<u8> {
    let mut chance = Chance(2);
    fill(size, || {
        format!("<li class=\"item\"><a href=\"/page/{}\">Item</a></li>\n", chance.below(5000))
            .into_bytes()
    })
}

fn prose(size: usize) -> Vec<u8> {
    let mut chance = Chance(3);
    fill(size, || format!("{} ", WORDS[chance.below(WORDS.len())]).into_bytes())
}

/// Brightness that changes slowly.
fn picture(size: usize) -> Vec<u8> {
    let (mut chance, mut level) = (Chance(4), 128_u8);
    fill(size, || {
        level = level.wrapping_add(chance.below(5) as u8).wrapping_sub(2);
        vec![level]
    })
}

/// Text and incompressible bytes, in turns.
fn mixed(size: usize) -> Vec<u8> {
    let mut chance = Chance(5);
    fill(size, || match chance.below(2) {
        0 => b"endstream endobj 1 0 obj << /Length 512 >> stream ".to_vec(),
        _ => (0..64).map(|_| chance.next() as u8).collect(),
    })
}

fn fill(size: usize, mut more: impl FnMut() -> Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < size {
        bytes.extend(more());
    }
    bytes.truncate(size);
    bytes
}
