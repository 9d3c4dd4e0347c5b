//! Sources of unpredictable bytes, for masking keys and for the nonce of the handshake.
//!
//! RFC 6455 section 5.3: a masking key is derived from a strong source of entropy, there is a new
//! one for each frame, and no key may make the next one predictable. Section 10.3 gives the reason:
//! a page must not be able to choose the bytes that its browser puts on the wire.

/// A source of unpredictable bytes, provided by the caller.
///
/// Closures implement it, so any generator fits:
///
/// ```
/// use patchcord::MaskingKey;
///
/// let mut state = 1u8; // a test's source; a real one is unpredictable
/// let mut counting = |bytes: &mut [u8]| {
///     for byte in bytes {
///         *byte = state;
///         state += 1;
///     }
/// };
/// assert_eq!(MaskingKey::generate(&mut counting).to_bytes(), [1, 2, 3, 4]);
/// ```
#[doc(alias("rng", "random"))]
pub trait Entropy {
    /// Fills `bytes` with bytes that a peer cannot predict.
    fn fill(&mut self, bytes: &mut [u8]);

    /// Returns four such bytes, which make one masking key.
    ///
    /// Override this if the source can produce a word at a lower cost than a slice.
    fn word(&mut self) -> [u8; 4] {
        let mut word = [0; 4];
        self.fill(&mut word);
        word
    }
}

impl<F: FnMut(&mut [u8])> Entropy for F {
    fn fill(&mut self, bytes: &mut [u8]) {
        self(bytes);
    }
}

#[cfg(feature = "getrandom")]
pub use seeded::Csprng;
#[cfg(all(feature = "getrandom", feature = "std"))]
pub use seeded::ThreadEntropy;

#[cfg(feature = "getrandom")]
mod seeded {
    use super::Entropy;
    use chacha20::ChaCha8Rng;
    use chacha20::rand_core::{Rng, SeedableRng};
    #[cfg(feature = "std")]
    use core::cell::Cell;

    /// A ChaCha8 generator that is seeded once by the operating system.
    ///
    /// It makes masking keys without system calls. Its state takes some 300 bytes, so keep one per
    /// thread or per group of connections and lend it to them through a closure, rather than
    /// keeping one in each connection.
    ///
    /// ```
    /// use patchcord::{Config, Connection, Csprng, Entropy, SendBuffer};
    /// use std::cell::RefCell;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let csprng = RefCell::new(Csprng::from_os()?);
    /// let lent = |bytes: &mut [u8]| csprng.borrow_mut().fill(bytes);
    /// let mut clients = [0; 3].map(|_| Connection::client(lent, Config::default()));
    /// # let mut out = SendBuffer::new();
    /// # for client in &mut clients { client.ping(b"", &mut out)?; }
    /// # assert_eq!(bytes::Buf::remaining(&out), 18);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Csprng(ChaCha8Rng);

    impl Csprng {
        /// Seeds a generator from the operating system.
        ///
        /// # Errors
        /// When the operating system cannot provide random bytes.
        pub fn from_os() -> Result<Self, getrandom::Error> {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed)?;
            Ok(Self::from_seed(seed))
        }

        /// Seeds a generator with 32 bytes of your own; equal seeds give equal keys.
        #[must_use]
        pub fn from_seed(seed: [u8; 32]) -> Self {
            Self(ChaCha8Rng::from_seed(seed))
        }
    }

    impl Entropy for Csprng {
        fn fill(&mut self, bytes: &mut [u8]) {
            self.0.fill_bytes(bytes);
        }

        #[inline]
        fn word(&mut self) -> [u8; 4] {
            self.0.next_u32().to_ne_bytes()
        }
    }

    // Anyone who reads the state can predict all later keys.
    impl core::fmt::Debug for Csprng {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("Csprng(..)")
        }
    }

    /// The calling thread's [`Csprng`], which is seeded at its first use. A value of this type
    /// takes no space.
    ///
    /// It also works in the destructors of other thread-local values: once the generator itself is
    /// destroyed, each word takes a system call.
    ///
    /// # Panics
    /// At its first use in a thread, and at each use in the destructor of a thread-local value, if
    /// the operating system cannot provide random bytes. Callers that must not panic create a
    /// [`Csprng`], whose constructor returns the error.
    #[cfg(feature = "std")]
    #[derive(Clone, Copy, Debug, Default)]
    pub struct ThreadEntropy;

    #[cfg(feature = "std")]
    std::thread_local! {
        #[expect(clippy::expect_used, reason = "documented: keys that can be guessed would be worse")]
        static THREAD: core::cell::RefCell<Csprng> = core::cell::RefCell::new(
            Csprng::from_os().expect("the operating system gives random bytes")
        );
    }

    /// Words that were drawn ahead. Nothing has to be made or destroyed for them, so they are found
    /// without a look whether they are there: a word costs a load, a comparison and two stores.
    #[cfg(feature = "std")]
    struct Ahead {
        words: [Cell<[u8; 4]>; Self::COUNT],
        /// How many of them were given out.
        given: Cell<usize>,
    }

    #[cfg(feature = "std")]
    impl Ahead {
        /// What one run of the generator makes.
        const COUNT: usize = 64;

        #[cold]
        #[inline(never)]
        fn draw(&self) -> [u8; 4] {
            let mut words = [[0; 4]; Self::COUNT];
            ThreadEntropy.fill(words.as_flattened_mut());
            let [first, ..] = words;
            for (place, word) in self.words.iter().zip(words) {
                place.set(word);
            }
            self.given.set(1);
            first
        }
    }

    #[cfg(feature = "std")]
    std::thread_local! {
        static AHEAD: Ahead = const {
            Ahead { words: [const { Cell::new([0; 4]) }; Ahead::COUNT], given: Cell::new(Ahead::COUNT) }
        };
    }

    #[cfg(feature = "std")]
    impl Entropy for ThreadEntropy {
        fn fill(&mut self, bytes: &mut [u8]) {
            // `with` would panic in the destructor of another thread-local value that still sends a
            // Close.
            if THREAD.try_with(|csprng| csprng.borrow_mut().fill(bytes)).is_err() {
                fill_from_os(bytes);
            }
        }

        #[inline]
        fn word(&mut self) -> [u8; 4] {
            AHEAD.with(|ahead| {
                let given = ahead.given.get();
                match ahead.words.get(given) {
                    Some(word) => {
                        ahead.given.set(given + 1);
                        word.get()
                    }
                    None => ahead.draw(),
                }
            })
        }
    }

    /// Draws bytes without the thread's generator, which is destroyed when the thread ends.
    #[cfg(feature = "std")]
    #[cold]
    #[inline(never)]
    #[expect(clippy::expect_used, reason = "documented: keys that can be guessed would be worse")]
    fn fill_from_os(bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

#[cfg(all(test, feature = "getrandom"))]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_words_and_successive_words_differ() {
        let (mut one, mut two) = (Csprng::from_seed([7; 32]), Csprng::from_seed([7; 32]));
        let first = one.word();
        assert_eq!(first, two.word());
        assert_ne!(first, one.word());
    }

    #[test]
    fn two_generators_seeded_by_the_operating_system_differ() {
        let (mut one, mut two) = (Csprng::from_os().unwrap(), Csprng::from_os().unwrap());
        let (mut a, mut b) = ([0; 32], [0; 32]);
        one.fill(&mut a);
        two.fill(&mut b);
        assert_ne!(a, b);
    }

    #[cfg(feature = "std")]
    #[test]
    fn the_words_of_a_thread_differ_beyond_those_that_are_drawn_at_once() {
        let words: std::collections::HashSet<_> = (0..200).map(|_| ThreadEntropy.word()).collect();
        assert!(words.len() > 198, "{} of 200", words.len()); // two may be alike
    }
}
