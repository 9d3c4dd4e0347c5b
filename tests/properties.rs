//! Properties of generated inputs; each test says for how many.

#[path = "properties/arbitrary.rs"]
mod arbitrary;
mod common;
#[path = "properties/hold.rs"]
mod hold;
#[path = "properties/round_trips.rs"]
mod round_trips;
#[path = "properties/splits.rs"]
mod splits;
#[path = "properties/streams.rs"]
mod streams;
#[path = "properties/text.rs"]
mod text;
#[path = "properties/values.rs"]
mod values;
