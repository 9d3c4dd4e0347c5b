//! What the query of a request asks for.
//!
//! The names and their meaning are Deepgram's. Parameters about models, languages and the look of a
//! transcript are ignored, since no words are recognized here; what cannot be done is refused.

use crate::pcm::Rate;
use std::time::Duration;

/// The silence after which a segment is final, if the client does not choose one.
const ENDPOINTING: Duration = Duration::from_millis(10);

/// The shortest silence that may be requested as the end of an utterance.
const LEAST_UTTERANCE_END: u64 = 1000;

/// The parameters of `/v1/listen`.
#[derive(Clone, Copy)]
pub(crate) struct Listen {
    pub(crate) rate: Rate,
    /// Whether results are sent before they are final.
    pub(crate) interim_results: bool,
    /// Whether the beginning of sound is reported.
    pub(crate) vad_events: bool,
    /// The silence after which a segment is final.
    pub(crate) endpointing: Option<Duration>,
    /// The silence after which the end of an utterance is reported.
    pub(crate) utterance_end: Option<Duration>,
}

/// The parameters of `/v1/speak`.
#[derive(Clone, Copy)]
pub(crate) struct Speak {
    pub(crate) rate: Rate,
}

impl Listen {
    pub(crate) fn parse(query: &str) -> Result<Self, &'static str> {
        let query = Query(query);
        if !matches!(query.get("channels"), None | Some("1")) {
            return Err("channels must be 1");
        }
        Ok(Self {
            rate: query.rate()?,
            interim_results: query.flag("interim_results")?,
            vad_events: query.flag("vad_events")?,
            endpointing: query.endpointing()?,
            utterance_end: query.utterance_end()?,
        })
    }
}

impl Speak {
    pub(crate) fn parse(query: &str) -> Result<Self, &'static str> {
        Ok(Self { rate: Query(query).rate()? })
    }
}

#[derive(Clone, Copy)]
struct Query<'text>(&'text str);

impl<'text> Query<'text> {
    fn get(self, name: &str) -> Option<&'text str> {
        let mut parameters = self.0.split('&').filter_map(|parameter| parameter.split_once('='));
        parameters.find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    fn rate(self) -> Result<Rate, &'static str> {
        if !matches!(self.get("encoding"), None | Some("linear16")) {
            return Err("encoding must be linear16");
        }
        let Some(hertz) = self.get("sample_rate") else { return Ok(Rate::DEFAULT) };
        let rate = hertz.parse().ok().and_then(Rate::new);
        rate.ok_or("sample_rate must be 8000 to 48000")
    }

    fn flag(self, name: &str) -> Result<bool, &'static str> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err("interim_results and vad_events must be true or false"),
        }
    }

    fn endpointing(self) -> Result<Option<Duration>, &'static str> {
        match self.get("endpointing") {
            None | Some("true") => Ok(Some(ENDPOINTING)),
            Some("false") => Ok(None),
            Some(milliseconds) => match milliseconds.parse() {
                Ok(milliseconds) => Ok(Some(Duration::from_millis(milliseconds))),
                Err(_) => Err("endpointing must be a number of milliseconds, or false"),
            },
        }
    }

    fn utterance_end(self) -> Result<Option<Duration>, &'static str> {
        match self.get("utterance_end_ms").map(str::parse) {
            None => Ok(None),
            Some(Ok(LEAST_UTTERANCE_END..)) if !self.flag("interim_results")? => {
                Err("utterance_end_ms needs interim_results")
            }
            Some(Ok(milliseconds @ LEAST_UTTERANCE_END..)) => {
                Ok(Some(Duration::from_millis(milliseconds)))
            }
            Some(_) => Err("utterance_end_ms must be 1000 or more"),
        }
    }
}
