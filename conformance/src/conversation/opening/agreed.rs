//! permessage-deflate as it is offered, answered and agreed on: RFC 7692 sections 5 and 7.1.

use crate::case::{Fault, Parameters, Role, Verdict};
use crate::wire::{Deflater, Inflater};

/// How one end compresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Side {
    takes_over: bool,
    window_bits: u8,
}

/// How the implementation compresses, and how we do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    its: Side,
    ours: Side,
}

impl Agreed {
    pub fn inflater(&self) -> Inflater {
        Inflater::new(self.its.window_bits, self.its.takes_over)
    }

    pub fn deflater(&self) -> Deflater {
        Deflater::new(self.ours.window_bits, self.ours.takes_over)
    }

    /// Returns whether we may refer to our earlier messages.
    pub fn takes_ours_over(&self) -> bool {
        self.ours.takes_over
    }

    /// Reads a server's answer to [`offers`].
    pub fn by_server(value: &str, asked: &Parameters) -> Verdict<Self> {
        let elements = elements(value);
        let [(name, parameters)] = &elements[..] else {
            return Err(Fault::must(format!(
                "{value:?} is not the answer to one offer (RFC 7692 5)"
            )));
        };
        if name != "permessage-deflate" {
            return Err(Fault::must(format!(
                "it answers {name:?}, which was not offered (RFC 6455 9.1)"
            )));
        }
        let found = Found::of(parameters, true)?;
        // Without the parameter, the window has 15 bits: a client that asked for 15 gets it.
        let fits = |bits: u8| found.server_bits.unwrap_or(15) <= bits;
        if asked.no_takeover && !asked.has_fallbacks && !found.server_no_takeover {
            return Err(Fault::must("server_no_context_takeover was asked for (RFC 7692 7.1.1.1)"));
        }
        if let Some(bits) = asked.window_bits
            && !asked.has_fallbacks
            && !fits(bits)
        {
            return Err(Fault::must("server_max_window_bits was asked for (RFC 7692 7.1.2.1)"));
        }
        Ok(found.agreed(Role::Server))
    }

    /// Reads a server's answer as a client sees it.
    pub fn answered(value: &str) -> Verdict<Self> {
        let elements = elements(value);
        let parameters =
            elements.first().map(|(_, parameters)| &parameters[..]).unwrap_or_default();
        Found::of(parameters, true).map(|found| found.agreed(Role::Client))
    }

    /// Returns our answer to a client's offer, if it allows what is asked for.
    pub fn by_client(offers: &[&str], asked: &Parameters) -> Verdict<(String, Self)> {
        let all = offers.iter().flat_map(|value| elements(value)).collect::<Vec<_>>();
        let (_, parameters) = all
            .iter()
            .find(|(name, _)| name == "permessage-deflate")
            .ok_or_else(|| Fault::Skip("it does not offer permessage-deflate".into()))?;
        let found = Found::of(parameters, false)?;
        let mut value = "permessage-deflate".to_owned();
        let lacks = |name: &str| Err(Fault::Skip(format!("it does not offer {name}")));
        let mut agreed = found.agreed(Role::Client);
        agreed.its = Side { takes_over: true, window_bits: 15 }; // except for what we ask
        if found.server_no_takeover {
            value += "; server_no_context_takeover";
        }
        if let Some(bits) = found.server_bits {
            value += &format!("; server_max_window_bits={bits}");
        }
        if asked.no_takeover && !asked.has_fallbacks {
            value += "; client_no_context_takeover";
            agreed.its.takes_over = false;
        }
        if let Some(bits) = asked.window_bits.filter(|_| !asked.has_fallbacks) {
            match found.client_bits {
                None => return lacks("client_max_window_bits"),
                Some(most) if most < bits => return lacks("a window that large"),
                Some(_) => {}
            }
            value += &format!("; client_max_window_bits={bits}");
            agreed.its.window_bits = bits;
        }
        Ok((value, agreed))
    }
}

/// Returns our offer for these parameters.
pub fn offers(asked: &Parameters) -> String {
    let offer = |no_takeover: bool, bits: Option<u8>| {
        let takeover = if no_takeover { "; server_no_context_takeover" } else { "" };
        let window =
            bits.map(|bits| format!("; server_max_window_bits={bits}")).unwrap_or_default();
        let ours = if asked.offers_no_takeover { "; client_no_context_takeover" } else { "" };
        format!("permessage-deflate{ours}; client_max_window_bits{takeover}{window}")
    };
    let mut offers = vec![offer(asked.no_takeover, asked.window_bits)];
    if asked.has_fallbacks {
        offers.extend([offer(asked.no_takeover, None), offer(false, None)]);
    }
    offers.join(", ")
}

/// A name and its parameters, unquoted.
type Element = (String, Vec<(String, Option<String>)>);

/// Splits a list of extensions into its elements. No extension has quoted strings with commas in them.
fn elements(value: &str) -> Vec<Element> {
    value.split(',').filter(|element| !element.trim().is_empty()).map(element).collect()
}

fn element(text: &str) -> Element {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_owned();
    let parameters = parts.map(|part| match part.split_once('=') {
        Some((name, value)) => {
            (name.trim().to_owned(), Some(value.trim().trim_matches('"').to_owned()))
        }
        None => (part.to_owned(), None),
    });
    (name, parameters.collect())
}

/// The four parameters, as they were found.
#[derive(Default)]
struct Found {
    server_no_takeover: bool,
    client_no_takeover: bool,
    server_bits: Option<u8>,
    client_bits: Option<u8>,
}

impl Found {
    fn of(parameters: &[(String, Option<String>)], is_answer: bool) -> Verdict<Self> {
        let mut found = Self::default();
        for (name, value) in parameters {
            let wrong = || {
                Fault::must(format!("the parameter {name} = {value:?} is illegal (RFC 7692 7.1)"))
            };
            let bits = || {
                let bits = value.as_deref().filter(|text| !text.starts_with('0'));
                bits.and_then(|text| text.parse().ok())
                    .filter(|bits| (8..=15).contains(bits))
                    .ok_or_else(wrong)
            };
            let is_repeated = match &**name {
                "server_no_context_takeover" if value.is_none() => {
                    std::mem::replace(&mut found.server_no_takeover, true)
                }
                "client_no_context_takeover" if value.is_none() => {
                    std::mem::replace(&mut found.client_no_takeover, true)
                }
                "server_max_window_bits" => found.server_bits.replace(bits()?).is_some(),
                "client_max_window_bits" if value.is_none() && !is_answer => {
                    found.client_bits.replace(15).is_some()
                }
                "client_max_window_bits" => found.client_bits.replace(bits()?).is_some(),
                _ => true,
            };
            if is_repeated {
                return Err(wrong());
            }
        }
        Ok(found)
    }

    fn agreed(&self, role: Role) -> Agreed {
        let server = Side {
            takes_over: !self.server_no_takeover,
            window_bits: self.server_bits.unwrap_or(15),
        };
        let client = Side {
            takes_over: !self.client_no_takeover,
            window_bits: self.client_bits.unwrap_or(15),
        };
        match role {
            Role::Server => Agreed { its: server, ours: client },
            Role::Client => Agreed { its: client, ours: server },
        }
    }
}
