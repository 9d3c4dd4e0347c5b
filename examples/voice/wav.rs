//! WAV files, of the one format that the server takes.

use crate::failure::Failure;
use crate::pcm::{Rate, SAMPLE};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use std::fs;
use std::path::Path;

const SPEC: WavSpec = WavSpec {
    channels: 1,
    sample_rate: Rate::DEFAULT.hertz(),
    bits_per_sample: 8 * SAMPLE as u16,
    sample_format: SampleFormat::Int,
};

/// Returns the samples of a file, as they are sent.
pub(crate) fn load(path: &Path) -> Result<Vec<u8>, Failure> {
    let name = path.display();
    let file =
        fs::read(path).map_err(|error| Failure::new(format!("cannot read {name}: {error}")))?;
    let broken = |error| Failure::new(format!("{name} is not a whole WAV file: {error}"));
    let mut reader = WavReader::new(&file[..]).map_err(broken)?;
    if reader.spec() != SPEC {
        let (found, needed) = (describe(reader.spec()), describe(SPEC));
        return Err(Failure::new(format!("{name} has {found}; needed are {needed}")));
    }
    let samples: Result<Vec<i16>, _> = reader.samples().collect();
    Ok(samples.map_err(broken)?.into_iter().flat_map(i16::to_le_bytes).collect())
}

/// Writes received samples to a file.
pub(crate) fn save(path: &Path, pcm: &[u8]) -> Result<(), Failure> {
    write(path, pcm)
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
}

fn write(path: &Path, pcm: &[u8]) -> Result<(), hound::Error> {
    let mut writer = WavWriter::create(path, SPEC)?;
    let (samples, _) = pcm.as_chunks();
    for &sample in samples {
        writer.write_sample(i16::from_le_bytes(sample))?;
    }
    writer.finalize()
}

fn describe(spec: WavSpec) -> String {
    let WavSpec { channels, sample_rate, bits_per_sample, sample_format } = spec;
    let format = match sample_format {
        SampleFormat::Int => "integer",
        SampleFormat::Float => "floating-point",
    };
    let plural = if channels == 1 { "channel" } else { "channels" };
    format!("{sample_rate} Hz, {channels} {plural} and {bits_per_sample}-bit {format} samples")
}
