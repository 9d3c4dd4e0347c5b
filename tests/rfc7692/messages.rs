//! What is compressed in these tests.

/// Numbers that look random, and are the same each time.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub(crate) fn octets(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }
}

/// The result of a speech recognizer, in JSON, of at least this length in bytes.
pub(crate) fn transcript(numbers: &mut Numbers, length: usize) -> Vec<u8> {
    const WORDS: [&str; 24] = [
        "so",
        "the",
        "connection",
        "was",
        "open",
        "when",
        "we",
        "heard",
        "you",
        "say",
        "that",
        "nothing",
        "would",
        "ever",
        "be",
        "lost",
        "and",
        "a",
        "moment",
        "later",
        "it",
        "closed",
        "again",
        "quietly",
    ];
    let start = numbers.below(100_000);
    let mut words = String::new();
    let mut text = String::new();
    let mut time = start;
    while words.len() + text.len() + 200 < length {
        let word = WORDS[numbers.below(WORDS.len())];
        let (begin, end) = (time, time + 80 + numbers.below(400));
        let confidence = 900_000 + numbers.below(99_999);
        words += &format!(
            "{}{{\"word\":\"{word}\",\"start\":{}.{:03},\"end\":{}.{:03},\"confidence\":0.{confidence}}}",
            if words.is_empty() { "" } else { "," },
            begin / 1000,
            begin % 1000,
            end / 1000,
            end % 1000,
        );
        text += word;
        text.push(' ');
        time = end + numbers.below(60);
    }
    format!(
        "{{\"type\":\"Results\",\"channel_index\":[0,1],\"duration\":{}.{:03},\"start\":{}.{:03},\
         \"is_final\":{},\"channel\":{{\"alternatives\":[{{\"transcript\":\"{}\",\
         \"confidence\":0.98{},\"words\":[{words}]}}]}}}}",
        (time - start) / 1000,
        (time - start) % 1000,
        start / 1000,
        start % 1000,
        numbers.below(2) == 0,
        text.trim_end(),
        numbers.below(9999),
    )
    .into_bytes()
}

/// Messages of all kinds: empty, short, repetitive, random, and longer than the window.
pub(crate) fn mixed(numbers: &mut Numbers, window: usize) -> Vec<Vec<u8>> {
    let mut messages = vec![Vec::new(), b"Hello".to_vec(), b"Hello".to_vec(), Vec::new()];
    for length in [64, 300, 1000, 1000, 4000, window + 1000] {
        messages.push(transcript(numbers, length));
    }
    let noise = numbers.octets(400);
    messages.push(noise.clone());
    messages.push(transcript(numbers, 1000));
    messages.push(noise); // as far back as windows of 2 KiB and more reach
    messages.push(vec![b'a'; 2 * window]);
    // One phrase at distances around the window's size: beyond, it must not be referred to.
    let phrase = numbers.octets(40);
    for distance in [window / 2, window - 262, window - 261, window - 1, window, window + 1] {
        messages.push([numbers.octets(distance - phrase.len()), phrase.clone()].concat());
    }
    messages.push(transcript(numbers, 1000));
    messages
}
